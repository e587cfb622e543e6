# A ring of two ports without a moment of loss.
resource "nmstate_hsr" "ring" {
  name           = "hsr0"
  port1          = "eth1"
  port2          = "eth2"
  multicast_spec = 40
  protocol       = "hsr"
}
