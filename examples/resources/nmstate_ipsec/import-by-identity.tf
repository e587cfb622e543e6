import {
  to       = nmstate_ipsec.branch
  identity = { name = "branch" }
}
