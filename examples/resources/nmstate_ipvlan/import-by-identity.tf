import {
  to       = nmstate_ipvlan.service
  identity = { name = "service0" }
}
