# All NICs called eth*, whatever the machine has.
data "nmstate_interfaces" "nics" {
  name = "eth*"
}

output "nics" {
  value = data.nmstate_interfaces.nics.names
}

# The name of the NIC with a known address.
data "nmstate_interfaces" "storage" {
  mac_address = "02:4c:41:00:01:02"
}

output "storage_nic" {
  value = one(data.nmstate_interfaces.storage.names)
}
