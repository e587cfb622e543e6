# A cable from the host into a container.
resource "nmstate_veth" "container" {
  name = "host0"
  peer = "container0"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 31 }]
  }
}
