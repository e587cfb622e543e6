terraform import nmstate_dummy.router_id dummy0
