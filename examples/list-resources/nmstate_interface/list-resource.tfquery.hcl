# The bridges of a host, by the names that begin with `br`.
list "nmstate_interface" "bridges" {
  provider = nmstate

  config {
    host = "server1"
    name = "br*"
    type = "linux-bridge"
  }
}
