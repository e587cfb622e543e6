# The bonds of the provider's own host.
list "nmstate_bond" "all" {
  provider = nmstate
}
