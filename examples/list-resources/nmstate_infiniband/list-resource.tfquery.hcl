# The InfiniBand interfaces of the provider's own host.
list "nmstate_infiniband" "all" {
  provider = nmstate
}
