# A partition of an InfiniBand card.
resource "nmstate_infiniband" "storage" {
  name       = "ib0.8001"
  base_iface = "ib0"
  mode       = "datagram"
  pkey       = 32769
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}
