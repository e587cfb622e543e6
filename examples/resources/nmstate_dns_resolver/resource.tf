resource "nmstate_dns_resolver" "this" {
  server  = ["192.0.2.53", "2001:db8::53"]
  search  = ["example.com"]
  options = ["rotate"]
}
