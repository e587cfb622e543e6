# The loopback interface of the provider's own host.
list "nmstate_loopback" "all" {
  provider = nmstate
}
