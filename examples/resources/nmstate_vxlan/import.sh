terraform import nmstate_vxlan.overlay vxlan7
