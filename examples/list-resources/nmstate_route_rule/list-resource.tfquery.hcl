# The rules that lead to one table.
list "nmstate_route_rule" "backup" {
  provider = nmstate

  config {
    route_table = 100
  }
}
