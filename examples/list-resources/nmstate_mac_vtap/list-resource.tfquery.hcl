# The MAC VTAPs of the provider's own host.
list "nmstate_mac_vtap" "all" {
  provider = nmstate
}
