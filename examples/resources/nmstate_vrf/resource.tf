# Routes of their own for the management network.
resource "nmstate_vrf" "management" {
  name           = "vrf0"
  route_table_id = 100
  port           = ["eth3"]
}
