locals {
  # What all hosts have.
  site = {
    dns-resolver = { config = { server = ["192.0.2.53", "192.0.2.54"] } }
    interfaces   = [{ name = "eth1", type = "ethernet", state = "up", mtu = 9000 }]
  }

  # What one host has beside it: a file such as hosts/web1.yml for each.
  files = fileset(path.module, "hosts/*.yml")
  fleet = { for file in local.files : trimsuffix(basename(file), ".yml") => file("${path.module}/${file}") }
}

resource "nmstate_state" "this" {
  for_each = local.fleet
  host     = each.key
  desired  = provider::nmstate::merge(local.site, each.value)
}
