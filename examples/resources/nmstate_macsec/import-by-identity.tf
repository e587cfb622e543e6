import {
  to       = nmstate_macsec.uplink
  identity = { name = "macsec0" }
}
