# The hosts of the inventory, with the storage bridge that storage.yml describes too: whichever of
# both comes second finds nothing to do.
terraform {
  required_providers {
    nmstate = { source = "nmstate/nmstate" }
  }
}

locals {
  servers = yamldecode(file("${path.module}/inventory.yml")).all.children.servers
}

provider "nmstate" {
  hosts = {
    for name, host in local.servers.hosts : name => {
      address = "${host.ansible_host}:${try(host.ansible_port, 22)}"
    }
  }
  ssh = { user = local.servers.vars.ansible_user }
}

resource "nmstate_linux_bridge" "storage" {
  for_each = local.servers.hosts
  host     = each.key
  name     = "br0"
  mtu      = 1400
  port     = [{ name = "eth1" }]
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = each.value.storage_address, prefix_length = 24 }]
  }
}
