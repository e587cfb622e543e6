# What would change? Each difference has a path, the value that is there and the desired one.
locals {
  before = { interfaces = [{ name = "eth1", type = "ethernet", state = "up", mtu = 1500 }] }
  after  = { interfaces = [{ name = "eth1", mtu = 9000 }] }
}

output "changes" {
  value = [
    for change in provider::nmstate::diff(local.before, local.after) :
    "${change.path}: ${coalesce(change.from, "nothing")} -> ${coalesce(change.to, "nothing")}"
  ]
}
