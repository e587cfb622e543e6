# A further address on the loopback interface; 127.0.0.1 and ::1 are always there.
resource "nmstate_loopback" "lo" {
  name = "lo"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [
      { ip = "127.0.0.1", prefix_length = 8 },
      { ip = "192.0.2.53", prefix_length = 32 },
    ]
  }
}
