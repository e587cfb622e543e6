resource "nmstate_ovn_bridge_mapping" "physical" {
  localnet = "physnet1"
  bridge   = "br-ex"
}
