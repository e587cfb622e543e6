# The NICs of the provider's own host.
list "nmstate_ethernet" "all" {
  provider = nmstate
}
