# The static routes of the main table, with all that is known of them.
list "nmstate_route" "main" {
  provider         = nmstate
  include_resource = true

  config {
    table_id = 254
  }
}
