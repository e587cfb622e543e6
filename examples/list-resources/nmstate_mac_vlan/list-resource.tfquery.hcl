# The MAC VLANs of the provider's own host.
list "nmstate_mac_vlan" "all" {
  provider = nmstate
}
