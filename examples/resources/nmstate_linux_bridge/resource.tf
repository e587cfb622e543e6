# A bridge for virtual machines; the VLANs 100 and 200 to 210 pass its port.
resource "nmstate_linux_bridge" "guests" {
  name = "br0"
  port = [{
    name = "eth1"
    vlan = {
      mode       = "trunk"
      trunk_tags = [{ id = 100 }, { id_range = { min = 200, max = 210 } }]
    }
  }]
  options = { stp = { enabled = false } }
}
