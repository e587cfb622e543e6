# What a host has once is found once.
list "nmstate_hostname" "this" {
  provider = nmstate
}
