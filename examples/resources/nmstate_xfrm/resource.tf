# The virtual interface that an IPsec connection has made.
resource "nmstate_xfrm" "branch" {
  name = "ipsec1"
  mtu  = 1400
}
