variable "psk" {
  description = "The secret that both ends share"
  type        = string
  sensitive   = true
}

# A tunnel to a branch office.
resource "nmstate_ipsec" "branch" {
  name        = "branch"
  left        = "192.0.2.10"
  leftid      = "hq.example.com"
  leftsubnet  = "198.51.100.0/24"
  right       = "203.0.113.20"
  rightid     = "branch.example.com"
  rightsubnet = "198.51.101.0/24"
  ikev2       = "insist"
  psk         = var.psk
}
