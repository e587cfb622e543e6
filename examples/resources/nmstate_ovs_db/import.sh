# The provider's own host
terraform import nmstate_ovs_db.this default
# Another host
terraform import nmstate_ovs_db.this server2
