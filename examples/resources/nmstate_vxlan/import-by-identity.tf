import {
  to       = nmstate_vxlan.overlay
  identity = { name = "vxlan7" }
}
