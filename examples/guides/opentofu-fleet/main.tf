variable "fleet" {
  description = "Each host: how it is reached, and its address in the storage network"
  type        = map(object({ address = string, storage = string }))
  default = {
    web1 = { address = "web1.example.com", storage = "192.0.2.11" }
    web2 = { address = "web2.example.com", storage = "192.0.2.12" }
  }
}

variable "leaving" {
  description = "Hosts that get their network of before back, and are in the fleet for the last time"
  type        = set(string)
  default     = []
}

provider "nmstate" {
  alias    = "of"
  for_each = var.fleet
  host     = each.key
  hosts    = { (each.key) = { address = each.value.address } }
  ssh      = { user = "netadmin" }
}

resource "nmstate_linux_bridge" "storage" {
  for_each = { for name, host in var.fleet : name => host if !contains(var.leaving, name) }
  provider = nmstate.of[each.key]
  name     = "br0"
  port     = [{ name = "eth1" }]
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = each.value.storage, prefix_length = 24 }]
  }
}
