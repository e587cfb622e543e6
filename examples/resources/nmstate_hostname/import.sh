# The provider's own host
terraform import nmstate_hostname.this default
# Another host
terraform import nmstate_hostname.this server2
