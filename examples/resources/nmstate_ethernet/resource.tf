# A NIC that is there already: destroying puts back what it was.
resource "nmstate_ethernet" "uplink" {
  name             = "eth0"
  mtu              = 9000
  auto_negotiation = false
  speed            = 10000
  duplex           = "full"
  ipv4 = {
    enabled = true
    dhcp    = true
  }
}
