# An address of the host that no link can take down, such as for a routing daemon.
resource "nmstate_dummy" "router_id" {
  name = "dummy0"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 32 }]
  }
}
