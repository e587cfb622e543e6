# The Open vSwitch database of a host: one per host.
list "nmstate_ovs_db" "this" {
  provider = nmstate
}
