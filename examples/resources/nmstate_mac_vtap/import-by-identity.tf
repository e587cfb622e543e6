import {
  to       = nmstate_mac_vtap.guest
  identity = { name = "guest0" }
}
