import {
  to       = nmstate_vlan.storage
  identity = { name = "bond0.100" }
}
