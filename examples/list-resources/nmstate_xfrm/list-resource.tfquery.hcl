# The xfrm interfaces of the provider's own host.
list "nmstate_xfrm" "all" {
  provider = nmstate
}
