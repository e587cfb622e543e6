# The provider's own host; another one is `{ host = "server2" }`
import {
  to       = nmstate_dns_resolver.this
  identity = {}
}
