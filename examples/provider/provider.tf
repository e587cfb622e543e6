terraform {
  required_providers {
    nmstate = { source = "nmstate/nmstate" }
  }
}

provider "nmstate" {
  # The host of resources that name none.
  host = "server1"

  hosts = {
    server1 = { address = "server1.example.com" }
    server2 = { address = "192.0.2.12:2222", ssh = { jump = "admin@gate.example.com" } }
  }

  # What a host leaves out comes from here, then from ~/.ssh/config.
  ssh = {
    user          = "netadmin"
    identity_file = "~/.ssh/id_ed25519"
  }
}
