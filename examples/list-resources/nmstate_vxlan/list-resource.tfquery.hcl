# The VXLANs of the provider's own host.
list "nmstate_vxlan" "all" {
  provider = nmstate
}
