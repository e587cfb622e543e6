# The VLANs of the provider's own host.
list "nmstate_vlan" "all" {
  provider = nmstate
}
