# The MACsec interfaces of the provider's own host.
list "nmstate_macsec" "all" {
  provider = nmstate
}
