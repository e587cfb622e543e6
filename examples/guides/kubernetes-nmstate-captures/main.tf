data "nmstate_policy" "bridge" {
  policy = file("${path.module}/policy.yaml")
}

# What the captures found first stays: once the bridge is there, they would find the bridge.
resource "terraform_data" "found" {
  input = data.nmstate_policy.bridge.desired
  lifecycle {
    ignore_changes = [input]
  }
}

resource "nmstate_state" "bridge" {
  desired = terraform_data.found.output
}
