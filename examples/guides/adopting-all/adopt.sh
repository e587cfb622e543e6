# Writes an import block for each thing that is configured on the host, and says what it leaves out.
terraform-provider-nmstate import-blocks server1 >imports.tf
# Writes the configuration, and shows that nothing would change.
tofu plan -generate-config-out=generated.tf
# Takes it over.
tofu apply
