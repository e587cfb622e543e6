terraform import nmstate_ovs_bridge.provider br-ex
