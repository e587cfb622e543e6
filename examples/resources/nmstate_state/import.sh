# The provider's own host
terraform import nmstate_state.this default
# Another host
terraform import nmstate_state.this server2
