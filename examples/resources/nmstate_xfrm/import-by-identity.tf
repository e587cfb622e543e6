import {
  to       = nmstate_xfrm.branch
  identity = { name = "ipsec1" }
}
