import {
  to       = nmstate_ovn_bridge_mapping.physical
  identity = { localnet = "physnet1" }
}
