# The HSR interfaces of the provider's own host.
list "nmstate_hsr" "all" {
  provider = nmstate
}
