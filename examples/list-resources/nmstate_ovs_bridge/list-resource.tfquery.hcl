# The Open vSwitch bridges of the provider's own host.
list "nmstate_ovs_bridge" "all" {
  provider = nmstate
}
