# The state names the provider by Terraform's registry; OpenTofu has one of its own.
tofu state replace-provider -auto-approve \
    registry.terraform.io/nmstate/nmstate registry.opentofu.org/nmstate/nmstate
tofu init
# Nothing is to be done: exit code 0.
tofu plan -detailed-exitcode
