provider "nmstate" {
  host = "server1.example.com"
}

resource "nmstate_linux_bridge" "guests" {
  name = "br0"
  port = [{ name = "eth1" }]
}
