import {
  to       = nmstate_infiniband.storage
  identity = { name = "ib0.8001" }
}
