terraform import nmstate_veth.container host0
