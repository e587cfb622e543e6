# A plan, or `terraform apply` in a pipeline, warns when the host is not as desired. Nothing is
# changed.
check "network" {
  data "nmstate_diff" "uplink" {
    desired = {
      interfaces = [{ name = "eth1", state = "up", mtu = 1400 }]
    }
  }

  assert {
    condition     = data.nmstate_diff.uplink.satisfied
    error_message = "not as desired: ${join(", ", data.nmstate_diff.uplink.differences[*].path)}"
  }
}
