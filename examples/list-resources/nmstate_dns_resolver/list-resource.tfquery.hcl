# The DNS resolver of a host: one per host.
list "nmstate_dns_resolver" "this" {
  provider = nmstate
}
