# A policy of Kubernetes NMState as a document. All that is wrong with it is one error, without a
# host: enough for `terraform validate` in a pipeline.
locals {
  policy = provider::nmstate::parse(<<-YAML
    apiVersion: nmstate.io/v1
    kind: NodeNetworkConfigurationPolicy
    metadata:
      name: storage
    spec:
      desiredState:
        interfaces:
          - name: eth1.100
            type: vlan
            state: up
            vlan: { base-iface: eth1, id: 100 }
  YAML
  )
}

output "policy_interfaces" {
  value = local.policy.interfaces[*].name
}
