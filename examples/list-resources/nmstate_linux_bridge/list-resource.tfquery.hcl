# Every bridge of the provider's own host.
list "nmstate_linux_bridge" "all" {
  provider = nmstate
}
