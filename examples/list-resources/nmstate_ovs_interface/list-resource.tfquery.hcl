# The Open vSwitch interfaces of the provider's own host.
list "nmstate_ovs_interface" "all" {
  provider = nmstate
}
