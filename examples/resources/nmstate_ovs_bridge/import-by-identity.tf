import {
  to       = nmstate_ovs_bridge.provider
  identity = { name = "br-ex" }
}
