# The whole host as one document.
list "nmstate_state" "this" {
  provider         = nmstate
  include_resource = true
}
