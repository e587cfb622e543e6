# The IPsec tunnels of the provider's own host.
list "nmstate_ipsec" "all" {
  provider = nmstate
}
