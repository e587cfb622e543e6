import {
  to       = nmstate_mac_vlan.service
  identity = { name = "service0" }
}
