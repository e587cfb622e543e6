nmcli connection add type bond con-name bond0 ifname bond0 \
    bond.options mode=active-backup,miimon=100 802-3-ethernet.mtu 9000
nmcli connection add type ethernet ifname eth1 controller bond0 port-type bond
nmcli connection add type ethernet ifname eth2 controller bond0 port-type bond
nmcli connection add type vlan con-name bond0.100 ifname bond0.100 dev bond0 id 100 \
    ipv4.method manual ipv4.addresses 192.0.2.10/24 \
    ipv4.routes "198.51.100.0/24 192.0.2.254"
