data "nmstate_interfaces" "all" {}

output "interfaces" {
  value = { for interface in data.nmstate_interfaces.all.interfaces : interface.name => interface.type }
}
