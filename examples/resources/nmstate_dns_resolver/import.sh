# The provider's own host
terraform import nmstate_dns_resolver.this default
# Another host
terraform import nmstate_dns_resolver.this server2
