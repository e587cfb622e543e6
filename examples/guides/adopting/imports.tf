import {
  to = nmstate_ethernet.uplink
  id = "eth0"
}

import {
  to = nmstate_linux_bridge.guests
  id = "br0"
}

import {
  to = nmstate_route.default
  id = "0.0.0.0/0"
}

import {
  to = nmstate_dns_resolver.this
  id = "default"
}
