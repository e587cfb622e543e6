variable "sudo_password" {
  description = "What sudo asks netadmin for"
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "port_password" {
  description = "The password of this host at the switch"
  type        = string
  sensitive   = true
}

provider "nmstate" {
  host          = "server1.example.com"
  ssh           = { user = "netadmin" }
  sudo_password = var.sudo_password
}

resource "nmstate_ethernet" "uplink" {
  name = "eth1"
  ieee_802_1x = {
    identity    = "server1.example.com"
    eap_methods = ["peap"]
    phase2_auth = "mschapv2"
    password    = var.port_password
  }
}
