terraform import nmstate_route.branch 198.51.100.0/24
terraform import nmstate_route.branch 198.51.100.0/24,eth0,192.0.2.254
# On another host than the provider's own
terraform import nmstate_route.branch server2,198.51.100.0/24
