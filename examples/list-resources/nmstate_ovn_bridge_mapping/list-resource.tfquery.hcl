# The mappings of OVN of the provider's own host.
list "nmstate_ovn_bridge_mapping" "all" {
  provider = nmstate
}
