# The network of a branch office, in IPv4 packets.
resource "nmstate_ip_tunnel" "branch" {
  name   = "tunnel0"
  mode   = "ipip"
  local  = "192.0.2.10"
  remote = "198.51.100.20"
  ttl    = 64
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "203.0.113.1", prefix_length = 31 }]
  }
}
