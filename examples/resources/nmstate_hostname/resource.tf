# NetworkManager gives the name that is kept to the kernel too.
resource "nmstate_hostname" "this" {
  config = "server1.example.com"
}
