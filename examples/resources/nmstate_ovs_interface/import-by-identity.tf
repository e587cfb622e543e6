import {
  to       = nmstate_ovs_interface.host
  identity = { name = "host0" }
}
