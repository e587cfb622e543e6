locals {
  # The hosts that a nodeSelector would have chosen.
  workers = toset(["worker1", "worker2"])
}

resource "nmstate_state" "bridge" {
  for_each = local.workers
  host     = each.key
  desired  = provider::nmstate::parse(file("${path.module}/policy.yaml"))
}
