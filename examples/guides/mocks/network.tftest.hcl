mock_provider "nmstate" {}

run "the_bridge_has_its_port" {
  command = plan

  assert {
    condition     = nmstate_linux_bridge.guests.port[0].name == "eth1"
    error_message = "eth1 is no port of the bridge"
  }
}
