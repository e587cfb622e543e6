# Two NICs as one link, to a switch that speaks LACP.
resource "nmstate_bond" "uplink" {
  name = "bond0"
  mode = "802.3ad"
  port = ["eth1", "eth2"]
  options = {
    miimon           = 100
    lacp_rate        = "fast"
    xmit_hash_policy = "layer3+4"
  }
}
