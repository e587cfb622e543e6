# The provider's own host; another one is `{ host = "server2" }`
import {
  to       = nmstate_ovs_db.this
  identity = {}
}
