provider "nmstate" {
  host = "server1"
  hosts = {
    # The address before the change. After it, put 192.0.2.20 here.
    server1 = { address = "192.0.2.10" }
  }
  checkpoint = { timeout = 60 }
}

resource "nmstate_ethernet" "management" {
  name = "eth0"
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.20", prefix_length = 24 }]
  }

  # The gateway must answer from the new address too.
  probes = [{ gateway = true, required = true }]
}
