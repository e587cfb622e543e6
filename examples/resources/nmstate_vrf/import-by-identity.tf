import {
  to       = nmstate_vrf.management
  identity = { name = "vrf0" }
}
