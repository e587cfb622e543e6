import {
  to       = nmstate_linux_bridge.guests
  identity = { name = "br0" }
}
