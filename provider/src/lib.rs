//! Terraform and OpenTofu provider for the network state of Linux hosts.
