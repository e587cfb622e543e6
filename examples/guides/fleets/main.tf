variable "fleet" {
  description = "Each host: how it is reached, and its address in the storage network"
  type        = map(object({ address = string, storage = string }))
  default = {
    web1 = { address = "web1.example.com", storage = "192.0.2.11" }
    web2 = { address = "web2.example.com", storage = "192.0.2.12" }
  }
}

provider "nmstate" {
  hosts = { for name, host in var.fleet : name => { address = host.address } }
  ssh   = { user = "netadmin" }

  # A host that is down does not keep the others from being planned.
  unreachable = "warn"
}

resource "nmstate_bond" "uplink" {
  for_each = var.fleet
  host     = each.key
  name     = "bond0"
  mode     = "active-backup"
  port     = ["eth1", "eth2"]
}

resource "nmstate_vlan" "storage" {
  for_each   = var.fleet
  host       = each.key
  name       = "bond0.100"
  base_iface = nmstate_bond.uplink[each.key].name
  id         = 100
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = each.value.storage, prefix_length = 24 }]
  }
}
