# The IP tunnels of the provider's own host.
list "nmstate_ip_tunnel" "all" {
  provider = nmstate
}
