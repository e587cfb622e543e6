# Two spellings of one thing are equal in canonical form.
locals {
  by_hand = {
    interfaces = [{
      name             = "bond0"
      type             = "bond"
      mac-address      = "52:54:00:aa:bb:cc"
      link-aggregation = { mode = 4, port = ["eth2", "eth1"] }
    }]
  }
  exported = <<-YAML
    interfaces:
      - name: bond0
        type: bond
        mac-address: 52:54:00:AA:BB:CC
        link-aggregation:
          mode: 802.3ad
          port: [eth1, eth2]
  YAML
}

output "same" {
  value = provider::nmstate::canonical(local.by_hand) == provider::nmstate::canonical(local.exported)
}
