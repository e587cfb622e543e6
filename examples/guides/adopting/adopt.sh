# Writes the configuration of everything in imports.tf, and shows that nothing would change.
terraform plan -generate-config-out=generated.tf
# Takes it over.
terraform apply
