terraform import nmstate_ipsec.branch branch
