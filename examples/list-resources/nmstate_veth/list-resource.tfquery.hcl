# The ends of virtual cables of the provider's own host.
list "nmstate_veth" "all" {
  provider = nmstate
}
