# The dummy interfaces of the provider's own host.
list "nmstate_dummy" "all" {
  provider = nmstate
}
