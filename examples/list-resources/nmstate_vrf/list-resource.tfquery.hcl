# The VRFs of the provider's own host.
list "nmstate_vrf" "all" {
  provider = nmstate
}
