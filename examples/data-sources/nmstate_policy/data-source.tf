# A bridge on the NIC with a known address, whatever its name is on this host.
data "nmstate_policy" "bridge" {
  policy = <<-YAML
    capture:
      nic: interfaces.mac-address == "02:4C:41:00:01:02"
    desiredState:
      interfaces:
        - name: br0
          type: linux-bridge
          state: up
          bridge:
            port:
              - name: "{{ capture.nic.interfaces.0.name }}"
  YAML
}

output "captured_nic" {
  value = data.nmstate_policy.bridge.captured.nic.interfaces[0].name
}

output "desired" {
  value = data.nmstate_policy.bridge.desired
}
