# A whole document in one transaction, with nmstate's own keys; a text in YAML works too.
resource "nmstate_state" "this" {
  desired = {
    interfaces = [{
      name = "eth1"
      type = "ethernet"
      ipv4 = {
        enabled = true
        address = [{ ip = "192.0.2.10", "prefix-length" = 24 }]
      }
    }]
    routes = {
      config = [{
        destination          = "198.51.100.0/24"
        "next-hop-interface" = "eth1"
        "next-hop-address"   = "192.0.2.254"
      }]
    }
  }
}
