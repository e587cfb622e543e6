# The way back from a change, to keep beside it: the VLAN is removed and the MTU is as it was.
output "way_back" {
  value = yamlencode(provider::nmstate::revert(
    { interfaces = [{ name = "eth1", type = "ethernet", state = "up", mtu = 1500 }] },
    {
      interfaces = [
        { name = "eth1", mtu = 9000 },
        { name = "eth1.100", type = "vlan", vlan = { base-iface = "eth1", id = 100 } },
      ]
    },
  ))
}
