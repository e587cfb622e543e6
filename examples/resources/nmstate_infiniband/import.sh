terraform import nmstate_infiniband.storage ib0.8001
