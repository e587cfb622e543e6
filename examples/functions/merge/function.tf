# What all hosts have, and what this one has beside it. Two documents that contradict each other are
# an error that names both.
locals {
  site = {
    dns-resolver = { config = { server = ["192.0.2.53", "192.0.2.54"] } }
    interfaces   = [{ name = "eth1", type = "ethernet", state = "up", mtu = 9000 }]
  }
  web1 = {
    interfaces = [{
      name = "eth1"
      ipv4 = { enabled = true, dhcp = false, address = [{ ip = "192.0.2.11", prefix-length = 24 }] }
    }]
  }
}

output "merged" {
  value = provider::nmstate::merge(local.site, local.web1)
}
