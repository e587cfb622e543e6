import {
  to       = nmstate_dummy.router_id
  identity = { name = "dummy0" }
}
