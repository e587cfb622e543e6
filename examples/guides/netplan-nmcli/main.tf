resource "nmstate_bond" "uplink" {
  name    = "bond0"
  mode    = "active-backup"
  port    = ["eth1", "eth2"]
  mtu     = 9000
  options = { miimon = 100 }
}

resource "nmstate_vlan" "storage" {
  name       = "bond0.100"
  base_iface = nmstate_bond.uplink.name
  id         = 100
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.10", prefix_length = 24 }]
  }
}

resource "nmstate_route" "backup" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_vlan.storage.name
  next_hop_address   = "192.0.2.254"
}
