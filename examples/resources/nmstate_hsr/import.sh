terraform import nmstate_hsr.ring hsr0
