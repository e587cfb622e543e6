import {
  to       = nmstate_hsr.ring
  identity = { name = "hsr0" }
}
