# A bond of two NICs, a VLAN with an address on it, a bridge with an address on a third NIC, a route
# over the bridge, and the resolver. `make demo` applies this to a lab host; for a host of your own set the
# variables in a terraform.tfvars and put your NICs and addresses in.

terraform {
  required_providers {
    nmstate = {
      source = "nmstate/nmstate"
    }
  }
}

variable "address" {
  description = "Name or address of the host"
  type        = string
}

variable "port" {
  description = "TCP port of its SSH server"
  type        = number
  default     = 22
}

variable "user" {
  description = "Login user; another one than root needs sudo for nmstatectl and systemd-stdio-bridge"
  type        = string
  default     = "root"
}

variable "identity_file" {
  description = "Private key to log in with"
  type        = string
  default     = "~/.ssh/id_ed25519"
}

variable "known_hosts_file" {
  description = "File with the key of the host"
  type        = string
  default     = "~/.ssh/known_hosts"
}

provider "nmstate" {
  host = "server"
  hosts = {
    server = {
      address = var.address
      ssh = {
        port             = var.port
        user             = var.user
        identity_file    = var.identity_file
        known_hosts_file = var.known_hosts_file
      }
    }
  }
  checkpoint = {
    timeout = 10
  }
}

# Resources that do not refer to each other reach the host in one transaction: here first the bond,
# the bridge and the resolver, then the VLAN and the route.

resource "nmstate_bond" "uplink" {
  name = "bond0"
  mode = "active-backup"
  port = ["eth1", "eth2"]
  options = {
    miimon = 100
  }
}

resource "nmstate_linux_bridge" "guests" {
  name    = "br0"
  mtu     = 1500
  port    = [{ name = "eth3" }]
  options = { stp = { enabled = false } }
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.1", prefix_length = 24 }]
  }
}

resource "nmstate_dns_resolver" "this" {
  server = ["192.0.2.53", "192.0.2.54"]
  search = ["example.com"]
}

resource "nmstate_vlan" "storage" {
  name       = "bond0.100"
  base_iface = nmstate_bond.uplink.name
  id         = 100
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "203.0.113.1", prefix_length = 24 }]
  }
}

resource "nmstate_route" "backup" {
  destination        = "198.51.100.0/24"
  next_hop_interface = nmstate_linux_bridge.guests.name
  next_hop_address   = "192.0.2.254"
}
