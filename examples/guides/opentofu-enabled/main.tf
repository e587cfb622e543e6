variable "storage" {
  description = "Whether the host is in the storage network"
  type        = bool
  default     = true
}

provider "nmstate" {
  host = "server1"
  hosts = {
    server1 = { address = "server1.example.com" }
  }
  ssh = { user = "netadmin" }
}

resource "nmstate_linux_bridge" "storage" {
  name = "br0"
  port = [{ name = "eth1" }]
  ipv4 = {
    enabled = true
    dhcp    = false
    address = [{ ip = "192.0.2.11", prefix_length = 24 }]
  }
  lifecycle {
    enabled = var.storage
  }
}

output "storage" {
  value = nmstate_linux_bridge.storage != null ? nmstate_linux_bridge.storage.ipv4.address[0].ip : "none"
}
