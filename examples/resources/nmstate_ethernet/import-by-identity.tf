import {
  to       = nmstate_ethernet.uplink
  identity = { name = "eth0" }
}
