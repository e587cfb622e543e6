terraform {
  required_providers {
    nmstate = { source = "nmstate/nmstate" }
  }
}

provider "nmstate" {
  host = "server1"
  hosts = {
    server1 = { address = "server1.example.com" }
  }
  ssh = { user = "netadmin" }
}

resource "nmstate_ethernet" "storage" {
  name = "eth1"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.10", prefix_length = 24 }]
  }
}

resource "nmstate_route" "backup" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_ethernet.storage.name
  next_hop_address   = "192.0.2.254"
}
