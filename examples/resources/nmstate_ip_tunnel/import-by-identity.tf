import {
  to       = nmstate_ip_tunnel.branch
  identity = { name = "tunnel0" }
}
