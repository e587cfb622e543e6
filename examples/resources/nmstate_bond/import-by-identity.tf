import {
  to       = nmstate_bond.uplink
  identity = { name = "bond0" }
}
