# What is configured on the host, without what it has learned: a document to keep or to apply.
data "nmstate_state" "configured" {
  running_config = true
}

output "document" {
  value = yamlencode(data.nmstate_state.configured.state)
}

# Everything that nmstate shows of one interface and the routes over it.
data "nmstate_state" "uplink" {
  interfaces = ["eth1"]
}

output "uplink_addresses" {
  value = flatten([
    for interface in data.nmstate_state.uplink.state.interfaces :
    try(interface.ipv4.address[*].ip, [])
  ])
}
