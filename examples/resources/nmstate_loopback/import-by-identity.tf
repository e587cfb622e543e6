import {
  to       = nmstate_loopback.lo
  identity = { name = "lo" }
}
