check "network" {
  data "nmstate_diff" "this" {
    desired = file("${path.module}/network.yml")
  }

  assert {
    condition     = data.nmstate_diff.this.satisfied
    error_message = "not as desired: ${join(", ", data.nmstate_diff.this.differences[*].path)}"
  }
}
