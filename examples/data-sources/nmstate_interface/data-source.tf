data "nmstate_interface" "uplink" {
  name = "eth1"
}

output "uplink" {
  value = {
    type        = data.nmstate_interface.uplink.type
    mac_address = data.nmstate_interface.uplink.mac_address
    mtu         = data.nmstate_interface.uplink.mtu
  }
}
