provider "nmstate" {
  host = "server1"
}
