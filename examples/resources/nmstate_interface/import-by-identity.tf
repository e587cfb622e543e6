import {
  to = nmstate_interface.uplink
  identity = {
    name = "eth0"
    type = "ethernet"
  }
}
