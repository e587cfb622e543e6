variable "macsec_key" {
  description = "The connectivity association key, 32 hexadecimal digits"
  type        = string
  sensitive   = true
}

# An encrypted link to the switch.
resource "nmstate_macsec" "uplink" {
  name       = "macsec0"
  base_iface = "eth1"
  encrypt    = true
  mka_cak    = var.macsec_key
  mka_ckn    = "0001"
  port       = 1
  validation = "strict"
  send_sci   = true
}
