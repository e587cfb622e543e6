import {
  to       = nmstate_veth.container
  identity = { name = "host0" }
}
