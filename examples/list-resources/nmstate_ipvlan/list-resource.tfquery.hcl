# The IPVLANs of the provider's own host.
list "nmstate_ipvlan" "all" {
  provider = nmstate
}
