import {
  to       = nmstate_ovs_interface.internal
  identity = { name = "host0" }
}
