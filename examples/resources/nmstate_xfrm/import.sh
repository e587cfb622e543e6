terraform import nmstate_xfrm.branch ipsec1
