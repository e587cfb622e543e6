variable "passphrase" {
  description = "What the key of state and plan is made of, 16 characters at least"
  type        = string
  sensitive   = true
}

variable "port_password" {
  description = "The password of this host at the switch"
  type        = string
  sensitive   = true
}

terraform {
  encryption {
    key_provider "pbkdf2" "passphrase" {
      passphrase = var.passphrase
    }
    method "aes_gcm" "this" {
      keys = key_provider.pbkdf2.passphrase
    }
    state {
      method   = method.aes_gcm.this
      enforced = true
    }
    plan {
      method   = method.aes_gcm.this
      enforced = true
    }
  }
}

provider "nmstate" {
  host = "server1"
  hosts = {
    server1 = { address = "server1.example.com" }
  }
  ssh = { user = "netadmin" }
}

resource "nmstate_interface" "uplink" {
  name = "eth1"
  type = "ethernet"
  ieee_802_1x = {
    identity    = "server1.example.com"
    eap_methods = ["peap"]
    phase2_auth = "mschapv2"
    password    = var.port_password
  }
}
