# Of each column only these keys are managed.
resource "nmstate_ovs_db" "this" {
  external_ids = {
    "ovn-encap-type" = "geneve"
    "ovn-encap-ip"   = "192.0.2.10"
  }
  other_config = {
    "vlan-limit" = "0"
  }
}
