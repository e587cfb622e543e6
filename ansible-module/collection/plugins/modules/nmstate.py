# Copyright: the nmstate authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the module `nmstate`, generated from the tables of the binary that does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nmstate
short_description: Change the network state of a host
version_added: "0.1.0"
description:
- >-
  Changes network interfaces, bonds, VLANs, bridges, routes and DNS with nmstate
  and NetworkManager. Each change is a transaction. It is final when Ansible has
  come back over a new connection that was made after it, the host shows the desired
  state, and what has worked before still works. Otherwise the host goes back to
  what it was by itself.
- The host needs NetworkManager. It needs neither Python nor nmstate.
options:
  desired_state:
    description:
    - "The network state that the host shall have, with nmstate's own keys: a mapping, its text in
      YAML or JSON, or a NodeNetworkConfigurationPolicy."
    - >-
      What it leaves out is not managed and stays as it is, unless O(state) says
      otherwise. A list that is given is exact. An empty list of interfaces, such as that
      of a loop without a turn, is nothing to do.
    - >-
      A route or a rule in another form than the one that the host has, such as with
      another metric or priority, takes the place of that one.
    - "Quote hardware addresses: YAML reads V(52:54:00:12:34:56) as a number."
    type: dict
    suboptions:
      hostname:
        description:
        - The host name.
        type: dict
        suboptions:
          running:
            description:
            - The name that the kernel has now, up to 63 characters; lost on reboot.
            type: str
          config:
            description:
            - The name that is kept in V(/etc/hostname); an empty string removes it.
            type: str
      dns-resolver:
        description:
        - The DNS settings of the host.
        type: dict
        suboptions:
          config:
            description:
            - The static settings; an empty mapping removes them all.
            type: dict
            suboptions:
              server:
                description:
                - >-
                  The addresses of the name servers, the preferred one first; an IPv6 link-local
                  address names its interface, as in V(fe80::1%eth1).
                type: list
                elements: str
              search:
                description:
                - The domains in which short names are looked up, in order.
                type: list
                elements: str
              options:
                description:
                - Options of V(resolv.conf), such as V(rotate) or V(timeout:1).
                type: list
                elements: str
      route-rules:
        description:
        - The policy routing rules.
        type: dict
        suboptions:
          config:
            description:
            - "The rules; rules that are not listed stay, and are removed with V(state: absent)."
            type: list
            elements: dict
            suboptions:
              state:
                description:
                - >-
                  V(absent) removes every rule that has the given values, whatever its other
                  values.
                type: str
                choices:
                - absent
              family:
                description:
                - V(ipv4) or V(ipv6); taken from V(ip-from) or V(ip-to) when left out.
                type: str
                choices:
                - ipv4
                - ipv6
              ip-from:
                description:
                - The network of the source address, in CIDR notation.
                type: str
              ip-to:
                description:
                - The network of the destination address, in CIDR notation.
                type: str
              priority:
                description:
                - The position of the rule, lower is asked first; -1 lets NetworkManager choose.
                type: int
              route-table:
                description:
                - The routing table to use; 254, the main table, when left out.
                type: int
              fwmark:
                description:
                - >-
                  The firewall mark of the packet, a number or a hexadecimal string such as
                  V(0x30).
                type: str
              fwmask:
                description:
                - The bits of the firewall mark that are looked at; needs V(fwmark).
                type: str
              action:
                description:
                - "Drops the packet in place of looking up a route: V(blackhole) silently,
                  V(unreachable) and V(prohibit) with an ICMP message."
                type: str
                choices:
                - blackhole
                - unreachable
                - prohibit
              iif:
                description:
                - The interface that the packet came in by.
                type: str
              suppress-prefix-length:
                description:
                - Ignores routes whose prefix is this long or shorter.
                - In bits.
                aliases:
                - suppress_prefixlength
                type: int
      routes:
        description:
        - The routes.
        type: dict
        suboptions:
          config:
            description:
            - "The static routes; routes that are not listed stay, and are removed with V(state:
              absent)."
            type: list
            elements: dict
            suboptions:
              state:
                description:
                - >-
                  V(absent) removes every static route that has the given values, whatever its
                  other values.
                type: str
                choices:
                - absent
                - ignore
              destination:
                description:
                - >-
                  The network that the route leads to, in CIDR notation; the default route is
                  V(0.0.0.0/0) or V(::/0).
                type: str
              next-hop-interface:
                description:
                - The interface that packets leave by.
                type: str
              next-hop-address:
                description:
                - The address of the gateway; left out where the destination is on the link.
                type: str
              metric:
                description:
                - The cost of the route, lower is preferred; -1 lets NetworkManager choose.
                type: int
              table-id:
                description:
                - The routing table; 254, the main table, when left out.
                type: int
              weight:
                description:
                - >-
                  The share of traffic among several IPv4 routes to one destination, from 1 to
                  256.
                type: int
              route-type:
                description:
                - "Drops packets instead of forwarding them: V(blackhole) silently, V(unreachable)
                  and V(prohibit) with an ICMP message."
                type: str
                choices:
                - blackhole
                - unreachable
                - prohibit
              source:
                description:
                - The source address that the host prefers on this route.
                type: str
              mtu:
                description:
                - The largest packet on this route.
                - In bytes.
                type: int
              lock-mtu:
                description:
                - Whether path MTU discovery leaves V(mtu) alone.
                type: bool
              advmss:
                description:
                - The largest TCP segment to announce to peers.
                - In bytes.
                type: int
              cwnd:
                description:
                - The largest TCP congestion window.
                - In segments.
                type: int
              initcwnd:
                description:
                - The initial TCP congestion window.
                - In segments.
                type: int
              initrwnd:
                description:
                - The initial TCP receive window.
                - In segments.
                type: int
              quickack:
                description:
                - Whether TCP acknowledges every segment at once.
                type: bool
              vrf-name:
                description:
                - The VRF whose routing table holds the route, in place of V(table-id).
                type: str
      interfaces:
        description:
        - The interfaces; those that are not listed stay as they are.
        type: list
        elements: dict
        suboptions:
          name:
            description:
            - >-
              The name of the interface in the kernel; with V(identifier) set to
              V(mac-address) or V(pci-address) any name, which then becomes the name of the profile.
            required: true
            type: str
          type:
            description:
            - >-
              The type of the interface; required to create one, otherwise taken from the
              host.
            type: str
          state:
            description:
            - >-
              V(up) configures and activates the interface, V(down) deactivates it, V(absent)
              removes it (a physical interface only loses its configuration), V(ignore) leaves
              it alone.
            type: str
            choices:
            - up
            - down
            - absent
            - ignore
          profile-name:
            description:
            - The name of the NetworkManager profile, when it is not that of the interface.
            type: str
          description:
            description:
            - A remark, kept in the NetworkManager profile.
            type: str
          identifier:
            description:
            - "What the interface is found by: its V(name), its V(mac-address) or its
              V(pci-address)."
            type: str
            choices:
            - name
            - mac-address
            - pci-address
          mac-address:
            description:
            - The hardware address, as colon-separated bytes in hexadecimal.
            type: str
          pci-address:
            description:
            - The PCI address of the card, such as V(0000:00:1f.4).
            type: str
          mtu:
            description:
            - >-
              The largest packet that the interface sends; at least 1280 where IPv6 is
              enabled.
            - In bytes.
            type: int
          wait-ip:
            description:
            - "Which addresses the interface must have before it counts as activated: of V(any)
              family, of V(ipv4), of V(ipv6), or of both (V(ipv4+ipv6))."
            type: str
            choices:
            - any
            - ipv4
            - ipv6
            - ipv4+ipv6
          ipv4:
            description:
            - The IPv4 settings.
            type: dict
            suboptions:
              enabled:
                description:
                - Whether the interface uses this family; switching it off drops its addresses.
                type: bool
              address:
                description:
                - >-
                  The static addresses; the list is complete, and an empty one removes them all.
                  The first address of a network is its primary one, the source of what is sent
                  there; the order of the others means nothing.
                type: list
                elements: dict
                suboptions:
                  ip:
                    description:
                    - The address, such as V(192.0.2.10).
                    required: true
                    type: str
                  prefix-length:
                    description:
                    - The length of the network part.
                    - In bits.
                    required: true
                    type: int
              allow-extra-address:
                description:
                - Whether static addresses that are not listed may stay on the interface.
                type: bool
              dhcp:
                description:
                - Whether addresses are requested from a DHCP server.
                type: bool
              dhcp-client-id:
                description:
                - "What the host identifies itself with to the DHCP server: V(ll) for the hardware
                  address, V(iaid+duid), or hexadecimal bytes."
                type: str
              dhcp-send-hostname:
                description:
                - Whether the host name is sent to the DHCP server.
                type: bool
              dhcp-custom-hostname:
                description:
                - >-
                  The host name that is sent to the DHCP server in place of the real one; an
                  empty string removes it.
                type: str
              auto-dns:
                description:
                - Whether DNS servers that the network announces are used.
                type: bool
              auto-gateway:
                description:
                - Whether a default gateway that the network announces is used.
                type: bool
              auto-routes:
                description:
                - Whether routes that the network announces are used.
                type: bool
              auto-route-table-id:
                description:
                - The routing table for routes that the network announces; 0 is the main table.
                type: int
              auto-route-metric:
                description:
                - The metric of routes that the network announces; -1 lets NetworkManager choose.
                type: int
              forwarding:
                description:
                - Whether packets that arrive on the interface are forwarded to others.
                type: bool
              prefix-route-metric:
                description:
                - >-
                  The metric of the routes to the interface's own networks; -1 lets
                  NetworkManager choose.
                type: int
          ipv6:
            description:
            - The IPv6 settings.
            type: dict
            suboptions:
              enabled:
                description:
                - Whether the interface uses this family; switching it off drops its addresses.
                type: bool
              address:
                description:
                - >-
                  The static addresses; the list is complete, and an empty one removes them all.
                  Link-local addresses belong to the kernel and are left out.
                type: list
                elements: dict
                suboptions:
                  ip:
                    description:
                    - The address, such as V(2001:db8::10).
                    required: true
                    type: str
                  prefix-length:
                    description:
                    - The length of the network part.
                    - In bits.
                    required: true
                    type: int
              allow-extra-address:
                description:
                - Whether static addresses that are not listed may stay on the interface.
                type: bool
              dhcp:
                description:
                - Whether addresses are requested from a DHCP server.
                type: bool
              autoconf:
                description:
                - Whether addresses are formed from router advertisements (SLAAC).
                type: bool
              dhcp-duid:
                description:
                - "What the host identifies itself with to the DHCPv6 server: V(llt), V(en), V(ll),
                  V(uuid), or hexadecimal bytes."
                type: str
              dhcp-send-hostname:
                description:
                - Whether the host name is sent to the DHCP server.
                type: bool
              dhcp-custom-hostname:
                description:
                - >-
                  The host name that is sent to the DHCP server in place of the real one; an
                  empty string removes it.
                type: str
              addr-gen-mode:
                description:
                - "How the host part of an automatic address is formed: V(eui64) from the hardware
                  address, V(stable-privacy) from a secret of the host."
                type: str
              token:
                description:
                - >-
                  The host part for automatic addresses, such as V(::42); an empty string or
                  V(::) removes it.
                type: str
              auto-dns:
                description:
                - Whether DNS servers that the network announces are used.
                type: bool
              auto-gateway:
                description:
                - Whether a default gateway that the network announces is used.
                type: bool
              auto-routes:
                description:
                - Whether routes that the network announces are used.
                type: bool
              auto-route-table-id:
                description:
                - The routing table for routes that the network announces; 0 is the main table.
                type: int
              auto-route-metric:
                description:
                - The metric of routes that the network announces; -1 lets NetworkManager choose.
                type: int
          mptcp:
            description:
            - The multipath TCP settings.
            type: dict
            suboptions:
              address-flags:
                description:
                - "The flags of every address: V(signal) announces it, V(subflow) opens connections
                  from it, V(backup) uses it only when nothing else works, V(fullmesh) connects it
                  to every address of the peer."
                type: list
                elements: str
          controller:
            description:
            - >-
              The bond, bridge or VRF that the interface is a port of; an empty string
              detaches it.
            type: str
          accept-all-mac-addresses:
            description:
            - Whether the interface takes frames to any hardware address (promiscuous mode).
            type: bool
          copy-mac-from:
            description:
            - The port whose hardware address the interface takes over.
            - For interfaces of type V(bond), V(linux-bridge), V(ovs-interface).
            type: str
          ovs-db:
            description:
            - What Open vSwitch stores about the interface.
            type: dict
            suboptions:
              external_ids:
                description:
                - Keys for programs outside Open vSwitch; a null value deletes the key.
                type: dict
              other_config:
                description:
                - Rarely used settings; a null value deletes the key.
                type: dict
          802.1x:
            description:
            - Port authentication (IEEE 802.1X).
            type: dict
            suboptions:
              identity:
                description:
                - The identity that is presented to the authentication server.
                type: str
              eap-methods:
                description:
                - The EAP methods to try, such as V(tls) or V(peap).
                type: list
                elements: str
              private-key:
                description:
                - The path of the private key on the host.
                type: str
              client-cert:
                description:
                - The path of the client certificate on the host.
                type: str
              ca-cert:
                description:
                - The path of the certificate of the certification authority on the host.
                type: str
              private-key-password:
                description:
                - The password of the private key.
                - A secret; it is masked in everything that is returned.
                type: str
              phase2-auth:
                description:
                - The inner authentication method of a tunnelled EAP method, such as V(mschapv2).
                type: str
              password:
                description:
                - The password of the identity.
                - A secret; it is masked in everything that is returned.
                type: str
          lldp:
            description:
            - The Link Layer Discovery Protocol.
            type: dict
            suboptions:
              enabled:
                description:
                - Whether the announcements of neighbours are received.
                required: true
                type: bool
          ethtool:
            description:
            - The settings that V(ethtool) knows.
            type: dict
            suboptions:
              pause:
                description:
                - Ethernet flow control.
                type: dict
                suboptions:
                  rx:
                    description:
                    - Whether the card obeys pause frames.
                    type: bool
                  tx:
                    description:
                    - Whether the card sends pause frames.
                    type: bool
                  autoneg:
                    description:
                    - Whether flow control is negotiated with the link partner.
                    type: bool
              feature:
                description:
                - >-
                  Offload features by their kernel names, such as V(rx-gro); the short names of
                  V(ethtool), such as V(gro), are accepted too.
                type: dict
              coalesce:
                description:
                - How long the card gathers packets before it interrupts the host.
                type: dict
                suboptions:
                  adaptive-rx:
                    description:
                    - Whether the driver adapts the receive settings to the traffic.
                    type: bool
                  adaptive-tx:
                    description:
                    - Whether the driver adapts the send settings to the traffic.
                    type: bool
                  pkt-rate-high:
                    description:
                    - The packet rate above which the V(-high) settings are used.
                    - In packets per second.
                    type: int
                  pkt-rate-low:
                    description:
                    - The packet rate below which the V(-low) settings are used.
                    - In packets per second.
                    type: int
                  rx-frames:
                    description:
                    - How many packets to receive before an interrupt.
                    - In packets.
                    type: int
                  rx-frames-high:
                    description:
                    - As V(rx-frames), at a high packet rate.
                    - In packets.
                    type: int
                  rx-frames-irq:
                    description:
                    - As V(rx-frames), while the host handles an interrupt.
                    - In packets.
                    type: int
                  rx-frames-low:
                    description:
                    - As V(rx-frames), at a low packet rate.
                    - In packets.
                    type: int
                  rx-usecs:
                    description:
                    - How long to wait after a received packet before an interrupt.
                    - In microseconds.
                    type: int
                  rx-usecs-high:
                    description:
                    - As V(rx-usecs), at a high packet rate.
                    - In microseconds.
                    type: int
                  rx-usecs-irq:
                    description:
                    - As V(rx-usecs), while the host handles an interrupt.
                    - In microseconds.
                    type: int
                  rx-usecs-low:
                    description:
                    - As V(rx-usecs), at a low packet rate.
                    - In microseconds.
                    type: int
                  sample-interval:
                    description:
                    - How often the packet rate is measured.
                    - In seconds.
                    type: int
                  stats-block-usecs:
                    description:
                    - How often the card updates its statistics in memory.
                    - In microseconds.
                    type: int
                  tx-frames:
                    description:
                    - How many packets to send before an interrupt.
                    - In packets.
                    type: int
                  tx-frames-high:
                    description:
                    - As V(tx-frames), at a high packet rate.
                    - In packets.
                    type: int
                  tx-frames-irq:
                    description:
                    - As V(tx-frames), while the host handles an interrupt.
                    - In packets.
                    type: int
                  tx-frames-low:
                    description:
                    - As V(tx-frames), at a low packet rate.
                    - In packets.
                    type: int
                  tx-usecs:
                    description:
                    - How long to wait after a sent packet before an interrupt.
                    - In microseconds.
                    type: int
                  tx-usecs-high:
                    description:
                    - As V(tx-usecs), at a high packet rate.
                    - In microseconds.
                    type: int
                  tx-usecs-irq:
                    description:
                    - As V(tx-usecs), while the host handles an interrupt.
                    - In microseconds.
                    type: int
                  tx-usecs-low:
                    description:
                    - As V(tx-usecs), at a low packet rate.
                    - In microseconds.
                    type: int
              ring:
                description:
                - The number of buffers between the card and the host.
                type: dict
                suboptions:
                  rx:
                    description:
                    - The size of the receive ring.
                    - In buffers.
                    type: int
                  rx-jumbo:
                    description:
                    - The size of the receive ring for jumbo frames.
                    - In buffers.
                    type: int
                  rx-mini:
                    description:
                    - The size of the receive ring for small frames.
                    - In buffers.
                    type: int
                  tx:
                    description:
                    - The size of the send ring.
                    - In buffers.
                    type: int
              fec:
                description:
                - Forward error correction.
                type: dict
                suboptions:
                  auto:
                    description:
                    - Whether the card chooses the mode.
                    type: bool
                  mode:
                    description:
                    - >-
                      V(off), Reed-Solomon (V(rs)), BASE-R (V(baser)) or low-latency Reed-Solomon
                      (V(llrs)).
                    type: str
                    choices:
                    - "off"
                    - rs
                    - baser
                    - llrs
          dispatch:
            description:
            - >-
              Shell scripts that NetworkManager runs when the interface goes up or down; they
              are not part of a checkpoint and stay when a change is rolled back.
            type: dict
            suboptions:
              post-activation:
                description:
                - >-
                  The bash script to run after the interface was activated; an empty string
                  removes it.
                type: str
              post-deactivation:
                description:
                - >-
                  The bash script to run after the interface was deactivated; an empty string
                  removes it.
                type: str
          alt-names:
            description:
            - Further names of the interface; names that are not listed stay.
            type: list
            elements: dict
            suboptions:
              name:
                description:
                - The further name.
                required: true
                type: str
              state:
                description:
                - V(absent) removes the name.
                type: str
                choices:
                - absent
          ethernet:
            description:
            - The settings of the card.
            - For interfaces of type V(ethernet), V(veth).
            type: dict
            suboptions:
              auto-negotiation:
                description:
                - Whether speed and duplex are negotiated with the link partner.
                type: bool
              speed:
                description:
                - The speed of the link; only compared when it is not negotiated.
                - In Mb/s.
                type: int
              duplex:
                description:
                - V(full) or V(half) duplex; only compared when it is not negotiated.
                type: str
                choices:
                - full
                - half
              sr-iov:
                description:
                - "Single-root I/O virtualization: virtual functions for virtual machines."
                type: dict
                suboptions:
                  drivers-autoprobe:
                    description:
                    - Whether the host binds drivers to new virtual functions.
                    type: bool
                  total-vfs:
                    description:
                    - The number of virtual functions to create.
                    type: int
                  vfs:
                    description:
                    - The settings of the virtual functions; an empty list resets them all.
                    type: list
                    elements: dict
                    suboptions:
                      id:
                        description:
                        - The number of the virtual function, from 0.
                        required: true
                        type: int
                      mac-address:
                        description:
                        - The hardware address, as colon-separated bytes in hexadecimal.
                        type: str
                      spoof-check:
                        description:
                        - Whether frames with a foreign source address are dropped.
                        type: bool
                      trust:
                        description:
                        - >-
                          Whether the user of the virtual function may change its hardware address and
                          receive all frames.
                        type: bool
                      min-tx-rate:
                        description:
                        - The guaranteed send rate; 0 for none.
                        - In Mb/s.
                        type: int
                      max-tx-rate:
                        description:
                        - The largest send rate; 0 for no limit.
                        - In Mb/s.
                        type: int
                      vlan-id:
                        description:
                        - The VLAN that frames are tagged with; 0 for none.
                        type: int
                      qos:
                        description:
                        - The priority in the VLAN tag, from 0 to 7.
                        type: int
                      vlan-proto:
                        description:
                        - The kind of the VLAN tag, V(802.1q) or V(802.1ad).
                        type: str
                        choices:
                        - 802.1q
                        - 802.1ad
          veth:
            description:
            - The settings of a virtual cable.
            - For interfaces of type V(veth).
            type: dict
            suboptions:
              peer:
                description:
                - The name of the other end; it is created and removed together with this one.
                required: true
                type: str
          link-aggregation:
            description:
            - The settings of a bond.
            - For interfaces of type V(bond).
            aliases:
            - bond
            type: dict
            suboptions:
              mode:
                description:
                - >-
                  How the bond uses its ports; required to create one. V(active-backup) and the
                  V(balance) modes work with any switch, V(802.3ad) (LACP) needs a switch that is
                  configured for it.
                type: str
                choices:
                - balance-rr
                - active-backup
                - balance-xor
                - broadcast
                - 802.3ad
                - balance-tlb
                - balance-alb
              port:
                description:
                - The interfaces that make up the bond; the list is complete.
                aliases:
                - ports
                type: list
                elements: str
              ports-config:
                description:
                - Settings of single ports.
                type: list
                elements: dict
                suboptions:
                  name:
                    description:
                    - The interface.
                    required: true
                    type: str
                  priority:
                    description:
                    - >-
                      The preference for this port when a new active one is chosen, higher is
                      preferred; modes V(active-backup), V(balance-tlb) and V(balance-alb).
                    type: int
                  queue-id:
                    description:
                    - The transmit queue that is bound to this port; 0 for none.
                    type: int
              options:
                description:
                - The options of the kernel's bonding driver; an empty mapping resets them all.
                type: dict
                suboptions:
                  ad_actor_sys_prio:
                    description:
                    - >-
                      The LACP priority of the host, from 1 to 65535, lower is preferred; mode
                      V(802.3ad).
                    type: int
                  ad_actor_system:
                    description:
                    - The hardware address that the host uses in LACP; mode V(802.3ad).
                    type: str
                  ad_select:
                    description:
                    - "When another group of ports takes over: V(stable) when the active one has no
                      link left, V(bandwidth) or V(count) when another has more; mode V(802.3ad)."
                    type: str
                    choices:
                    - stable
                    - bandwidth
                    - count
                  ad_user_port_key:
                    description:
                    - The upper ten bits of the LACP port key, from 0 to 1023; mode V(802.3ad).
                    type: int
                  all_slaves_active:
                    description:
                    - Whether frames that arrive on an inactive port are V(dropped) or V(delivered).
                    type: str
                    choices:
                    - dropped
                    - delivered
                  arp_all_targets:
                    description:
                    - >-
                      Whether V(any) or V(all) of the addresses in V(arp_ip_target) must answer for a
                      port to count as up.
                    type: str
                    choices:
                    - any
                    - all
                  arp_interval:
                    description:
                    - >-
                      How often the links are checked with ARP; 0 switches the check off. Excludes
                      V(miimon).
                    - In milliseconds.
                    type: int
                  arp_ip_target:
                    description:
                    - >-
                      The IPv4 addresses that are asked when links are checked with ARP, separated by
                      commas.
                    type: str
                  arp_missed_max:
                    description:
                    - How many ARP checks may fail before a port counts as down.
                    type: int
                  arp_validate:
                    description:
                    - On which ports the answers to ARP checks are validated or filtered.
                    type: str
                    choices:
                    - none
                    - active
                    - backup
                    - all
                    - filter
                    - filter_active
                    - filter_backup
                  balance_slb:
                    description:
                    - >-
                      Whether traffic is balanced by source address and VLAN without help of the
                      switch; needs mode V(balance-xor) and V(xmit_hash_policy) V(vlan+srcmac).
                    aliases:
                    - balance-slb
                    type: bool
                  downdelay:
                    description:
                    - >-
                      How long a port may be without link before it is disabled; a multiple of
                      V(miimon).
                    - In milliseconds.
                    type: int
                  fail_over_mac:
                    description:
                    - "Which hardware address the bond has: that of the first port for good
                      (V(none)), that of the V(active) port, or one that the active port takes over
                      (V(follow)); mode V(active-backup)."
                    type: str
                    choices:
                    - none
                    - active
                    - follow
                  lacp_active:
                    description:
                    - Whether the host sends LACP frames without being asked; mode V(802.3ad).
                    type: bool
                  lacp_rate:
                    description:
                    - "How often the link partner is asked to send LACP frames: every 30 seconds
                      (V(slow)) or every second (V(fast)); mode V(802.3ad)."
                    type: str
                    choices:
                    - slow
                    - fast
                  lp_interval:
                    description:
                    - >-
                      How often learning packets are sent to the switches; modes V(balance-tlb) and
                      V(balance-alb).
                    - In seconds.
                    type: int
                  miimon:
                    description:
                    - >-
                      How often the links are checked; 0 switches the check off. Excludes
                      V(arp_interval).
                    - In milliseconds.
                    type: int
                  min_links:
                    description:
                    - How many ports must have a link for the bond to be up; mode V(802.3ad).
                    type: int
                  ns_ip6_target:
                    description:
                    - >-
                      The IPv6 addresses that are asked when links are checked with neighbour
                      solicitations.
                    type: list
                    elements: str
                  num_grat_arp:
                    description:
                    - >-
                      How many ARP announcements follow a change of the active port; one setting with
                      V(num_unsol_na).
                    type: int
                  num_unsol_na:
                    description:
                    - >-
                      How many neighbour advertisements follow a change of the active port; one
                      setting with V(num_grat_arp).
                    type: int
                  packets_per_slave:
                    description:
                    - >-
                      How many packets to send by one port before the next, 0 for random; mode
                      V(balance-rr).
                    - In packets.
                    type: int
                  primary:
                    description:
                    - >-
                      The port that is used whenever it has a link; modes V(active-backup),
                      V(balance-tlb) and V(balance-alb).
                    type: str
                  primary_reselect:
                    description:
                    - "When the primary port is used again: V(always), when it is V(better), or
                      only after a V(failure) of the active one."
                    type: str
                    choices:
                    - always
                    - better
                    - failure
                  resend_igmp:
                    description:
                    - How many IGMP reports follow a change of the active port, from 0 to 255.
                    type: int
                  tlb_dynamic_lb:
                    description:
                    - Whether V(balance-tlb) moves flows between ports according to their load.
                    type: bool
                  updelay:
                    description:
                    - How long a port must have a link before it is used; a multiple of V(miimon).
                    - In milliseconds.
                    type: int
                  use_carrier:
                    description:
                    - Whether the driver is asked for its link state rather than the card.
                    type: bool
                  xmit_hash_policy:
                    description:
                    - "What decides by which port a packet is sent: addresses of V(layer2),
                      V(layer2+3), V(layer3+4), the same inside tunnels (V(encap2+3), V(encap3+4)),
                      or V(vlan+srcmac)."
                    type: str
                    choices:
                    - layer2
                    - layer3+4
                    - layer2+3
                    - encap2+3
                    - encap3+4
                    - vlan+srcmac
          vlan:
            description:
            - The settings of a VLAN.
            - For interfaces of type V(vlan).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface that carries the VLAN; required to create one.
                type: str
              id:
                description:
                - The VLAN number, from 0 to 4094.
                required: true
                type: int
              protocol:
                description:
                - "The kind of the tag: V(802.1q), or V(802.1ad) for the outer tag of stacked
                  VLANs."
                type: str
                choices:
                - 802.1q
                - 802.1ad
              registration-protocol:
                description:
                - "How the VLAN is announced to the switch: V(gvrp), V(mvrp), or not at all
                  (V(none))."
                type: str
                choices:
                - gvrp
                - mvrp
                - none
              reorder-headers:
                description:
                - Whether the tag is removed before packets are handed to programs.
                type: bool
              loose-binding:
                description:
                - Whether the VLAN stays up when its base interface goes down.
                type: bool
              ingress-qos-map:
                description:
                - Which kernel priority a received VLAN priority becomes; the list is complete.
                type: list
                elements: dict
                suboptions:
                  from:
                    description:
                    - The priority in the tag, from 0 to 7.
                    required: true
                    type: int
                  to:
                    description:
                    - The priority in the kernel.
                    required: true
                    type: int
              egress-qos-map:
                description:
                - Which VLAN priority a kernel priority is sent with; the list is complete.
                type: list
                elements: dict
                suboptions:
                  from:
                    description:
                    - The priority in the kernel.
                    required: true
                    type: int
                  to:
                    description:
                    - The priority in the tag, from 0 to 7.
                    required: true
                    type: int
          bridge:
            description:
            - The settings of a Linux bridge.
            - For interfaces of type V(linux-bridge).
            - The settings of an Open vSwitch bridge.
            - For interfaces of type V(ovs-bridge).
            type: dict
            suboptions:
              port:
                description:
                - The interfaces that are connected to the bridge; the list is complete.
                - >-
                  The ports of the bridge; the list is complete and names the bridge's own
                  interface too.
                aliases:
                - ports
                type: list
                elements: dict
                suboptions:
                  name:
                    description:
                    - The interface.
                    required: true
                    type: str
                  stp-hairpin-mode:
                    description:
                    - Whether frames may leave by the port that they came in by.
                    type: bool
                  stp-path-cost:
                    description:
                    - The cost of the port in the spanning tree.
                    type: int
                  stp-priority:
                    description:
                    - The priority of the port in the spanning tree, lower is preferred.
                    type: int
                  vlan:
                    description:
                    - VLAN filtering on the port; an empty mapping removes it.
                    - VLAN filtering on the port; an empty mapping removes it.
                    type: dict
                    suboptions:
                      mode:
                        description:
                        - V(access) for a port in one VLAN without tags, V(trunk) for tagged frames.
                        type: str
                        choices:
                        - trunk
                        - access
                      tag:
                        description:
                        - >-
                          The VLAN of frames without a tag, from 0 to 4094; in trunk mode it needs
                          V(enable-native).
                        type: int
                      enable-native:
                        description:
                        - Whether a trunk port takes frames without a tag.
                        type: bool
                      trunk-tags:
                        description:
                        - The VLANs that pass a trunk port, single ones and ranges.
                        - The VLANs that pass a trunk port, single ones and ranges.
                        type: list
                        elements: dict
                        suboptions:
                          id:
                            description:
                            - A single VLAN, from 0 to 4094.
                            type: int
                          id-range:
                            description:
                            - A range of VLANs.
                            - A range of VLANs.
                            type: dict
                            suboptions:
                              min:
                                description:
                                - The first VLAN, from 0 to 4094.
                                required: true
                                type: int
                              max:
                                description:
                                - The last VLAN, from 0 to 4094.
                                required: true
                                type: int
                  link-aggregation:
                    description:
                    - The bond that the port is.
                    aliases:
                    - bond
                    type: dict
                    suboptions:
                      mode:
                        description:
                        - >-
                          How the bond uses its ports; V(lacp) and V(balance-tcp) need a switch that is
                          configured for LACP.
                        type: str
                        choices:
                        - active-backup
                        - balance-slb
                        - balance-tcp
                        - lacp
                      port:
                        description:
                        - The interfaces that make up the bond; the list is complete.
                        aliases:
                        - ports
                        type: list
                        elements: dict
                        suboptions:
                          name:
                            description:
                            - The interface.
                            required: true
                            type: str
                      bond-downdelay:
                        description:
                        - How long a port may be without link before it is disabled.
                        - In milliseconds.
                        type: int
                      bond-updelay:
                        description:
                        - How long a port must have a link before it is used.
                        - In milliseconds.
                        type: int
                      ovs-db:
                        description:
                        - What Open vSwitch stores about the bond.
                        type: dict
                        suboptions:
                          external_ids:
                            description:
                            - Keys for programs outside Open vSwitch; a null value deletes the key.
                            type: dict
                          other_config:
                            description:
                            - Rarely used settings; a null value deletes the key.
                            type: dict
              allow-extra-ports:
                description:
                - Whether ports that are not listed may stay connected.
                type: bool
              options:
                description:
                - The settings of the bridge as a whole.
                - The settings of the bridge as a whole.
                type: dict
                suboptions:
                  stp:
                    description:
                    - The spanning tree protocol.
                    - The spanning tree protocol; a plain V(true) or V(false) is accepted too.
                    type: dict
                    suboptions:
                      enabled:
                        description:
                        - >-
                          Whether the bridge takes part in the spanning tree; without it the other
                          settings have no effect.
                        type: bool
                      forward-delay:
                        description:
                        - How long a port listens and learns before it forwards, from 2 to 30.
                        - In seconds.
                        type: int
                      hello-time:
                        description:
                        - The time between messages, from 1 to 10.
                        - In seconds.
                        type: int
                      max-age:
                        description:
                        - How long a message is valid, from 6 to 40.
                        - In seconds.
                        type: int
                      priority:
                        description:
                        - The priority of the bridge, lower is preferred; the lowest becomes the root.
                        type: int
                  group-addr:
                    description:
                    - The hardware address that spanning tree messages are sent to.
                    type: str
                  group-fwd-mask:
                    description:
                    - >-
                      Which link-local multicast frames (01:80:C2:00:00:0X) are forwarded, one bit
                      for each X.
                    aliases:
                    - group-forward-mask
                    type: int
                  hash-max:
                    description:
                    - The largest number of multicast groups to remember; a power of 2.
                    type: int
                  mac-ageing-time:
                    description:
                    - How long an address is remembered without traffic.
                    - In seconds.
                    type: int
                  multicast-snooping:
                    description:
                    - Whether multicast goes only to the ports that asked for it.
                    type: bool
                  multicast-querier:
                    description:
                    - Whether the bridge asks for multicast members itself.
                    type: bool
                  multicast-query-use-ifaddr:
                    description:
                    - >-
                      Whether the bridge's own IP address is the source of its queries, in place of
                      0.0.0.0.
                    type: bool
                  multicast-router:
                    description:
                    - "Whether multicast routers are connected to the bridge: V(auto) finds out,
                      V(enabled) assumes so, V(disabled) assumes not."
                    type: str
                    choices:
                    - auto
                    - disabled
                    - enabled
                  multicast-last-member-count:
                    description:
                    - How many queries follow a leave message.
                    type: int
                  multicast-last-member-interval:
                    description:
                    - The time between queries that follow a leave message.
                    - In centiseconds.
                    type: int
                  multicast-membership-interval:
                    description:
                    - How long a member is remembered without a report.
                    - In centiseconds.
                    type: int
                  multicast-querier-interval:
                    description:
                    - How long another querier is believed to be there.
                    - In centiseconds.
                    type: int
                  multicast-query-interval:
                    description:
                    - The time between general queries.
                    - In centiseconds.
                    type: int
                  multicast-query-response-interval:
                    description:
                    - How long members may take to answer a query.
                    - In centiseconds.
                    type: int
                  multicast-startup-query-count:
                    description:
                    - How many queries are sent at startup.
                    type: int
                  multicast-startup-query-interval:
                    description:
                    - The time between queries at startup.
                    - In centiseconds.
                    type: int
                  vlan-protocol:
                    description:
                    - The kind of VLAN tags that are filtered, V(802.1q) or V(802.1ad).
                    type: str
                    choices:
                    - 802.1q
                    - 802.1ad
                  vlan-default-pvid:
                    description:
                    - The VLAN of ports without VLAN filtering of their own, from 0 to 4094.
                    type: int
                  rstp:
                    description:
                    - Whether the bridge takes part in the rapid spanning tree.
                    type: bool
                  mcast-snooping-enable:
                    description:
                    - Whether multicast goes only to the ports that asked for it.
                    type: bool
                  fail-mode:
                    description:
                    - "What the bridge does without its controller: V(standalone) or V(secure)."
                    type: str
                  datapath:
                    description:
                    - "The datapath: V(system) for the kernel, V(netdev) for DPDK."
                    type: str
              allow-extra-patch-ports:
                description:
                - Whether patch ports that are not listed may stay connected.
                type: bool
          vxlan:
            description:
            - The settings of a VXLAN.
            - For interfaces of type V(vxlan).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface that carries the tunnel; none when empty.
                type: str
              id:
                description:
                - The network identifier (VNI), from 0 to 16777215.
                required: true
                type: int
              local:
                description:
                - The source address of the tunnel.
                type: str
              remote:
                description:
                - The address of the other end, or of the multicast group.
                type: str
              destination-port:
                description:
                - The UDP port of the other end; 8472 in the kernel, 4789 by standard.
                type: int
              learning:
                description:
                - Whether addresses behind the tunnel are learned from traffic.
                type: bool
          vrf:
            description:
            - The settings of a VRF.
            - For interfaces of type V(vrf).
            type: dict
            suboptions:
              port:
                description:
                - The interfaces that belong to the VRF; the list is complete.
                aliases:
                - ports
                type: list
                elements: str
              route-table-id:
                description:
                - >-
                  The routing table of the VRF; required to create one, and 0 keeps the one it
                  has.
                type: int
          mac-vlan:
            description:
            - The settings of a MACVLAN.
            - For interfaces of type V(mac-vlan).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface that carries this one.
                required: true
                type: str
              mode:
                description:
                - "How interfaces on the same base reach each other: through the switch (V(vepa)),
                  directly (V(bridge)), not at all (V(private)), by allowed source addresses
                  (V(source)), or one interface takes the whole base (V(passthru))."
                required: true
                type: str
                choices:
                - vepa
                - bridge
                - private
                - passthru
                - source
              promiscuous:
                description:
                - >-
                  Whether frames to any hardware address are received; can be false in mode
                  V(passthru) only.
                aliases:
                - accept-all-mac
                type: bool
          mac-vtap:
            description:
            - The settings of a MACVTAP.
            - For interfaces of type V(mac-vtap).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface that carries this one.
                required: true
                type: str
              mode:
                description:
                - "How interfaces on the same base reach each other: through the switch (V(vepa)),
                  directly (V(bridge)), not at all (V(private)), by allowed source addresses
                  (V(source)), or one interface takes the whole base (V(passthru))."
                required: true
                type: str
                choices:
                - vepa
                - bridge
                - private
                - passthru
                - source
              promiscuous:
                description:
                - >-
                  Whether frames to any hardware address are received; can be false in mode
                  V(passthru) only.
                aliases:
                - accept-all-mac
                type: bool
          ipvlan:
            description:
            - The settings of an IPVLAN.
            - For interfaces of type V(ipvlan).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface that carries this one; required to create it.
                type: str
              mode:
                description:
                - "At which layer packets are handed over: V(l2), V(l3), or V(l3s) for V(l3) with
                  connection tracking."
                type: str
                choices:
                - l2
                - l3
                - l3s
              private:
                description:
                - Whether interfaces on the same base are kept apart; excludes V(vepa).
                type: bool
              vepa:
                description:
                - Whether all traffic goes through the switch; excludes V(private).
                type: bool
          macsec:
            description:
            - The settings of MACsec.
            - For interfaces of type V(macsec).
            type: dict
            suboptions:
              base-iface:
                description:
                - The interface whose traffic is protected.
                required: true
                type: str
              encrypt:
                description:
                - Whether traffic is encrypted rather than only authenticated.
                required: true
                type: bool
              mka-cak:
                description:
                - >-
                  The connectivity association key, 32 hexadecimal digits; given together with
                  V(mka-ckn).
                - A secret; it is masked in everything that is returned.
                type: str
              mka-ckn:
                description:
                - The name of the connectivity association key, 2 to 64 hexadecimal digits.
                type: str
              port:
                description:
                - The port of the secure channel identifier, from 1 to 65534.
                required: true
                type: int
              validation:
                description:
                - "What happens to frames that are not authentic: nothing (V(disabled)), they are
                  counted (V(check)), or dropped (V(strict))."
                required: true
                type: str
                choices:
                - disabled
                - check
                - strict
              send-sci:
                description:
                - Whether each frame carries the secure channel identifier.
                required: true
                type: bool
              offload:
                description:
                - "Where the work is done: in the kernel (V(off)), in the V(phy) or in the V(mac)."
                type: str
                choices:
                - "off"
                - phy
                - mac
          hsr:
            description:
            - The settings of HSR or PRP.
            - For interfaces of type V(hsr).
            type: dict
            suboptions:
              port1:
                description:
                - The first port.
                required: true
                type: str
              port2:
                description:
                - The second port.
                required: true
                type: str
              interlink:
                description:
                - The port to another ring or network; protocols V(hsr) and V(hsr-2012).
                type: str
              multicast-spec:
                description:
                - The last byte of the address of supervision frames, from 0 to 255.
                required: true
                type: int
              protocol:
                description:
                - "The protocol: V(hsr) (version of 2010), V(hsr-2012) or V(prp)."
                required: true
                type: str
                choices:
                - hsr
                - hsr-2012
                - prp
          ip-tunnel:
            description:
            - The settings of an IP tunnel.
            - For interfaces of type V(ip-tunnel).
            type: dict
            suboptions:
              mode:
                description:
                - "What is carried in what: IPv4 in IPv4 (V(ipip)), IPv6 in IPv4 (V(sit)), IPv6 in
                  IPv6 (V(ip6ip6)), IPv4 in IPv6 (V(ipip6))."
                type: str
                choices:
                - ipip
                - sit
                - ip6ip6
                - ipip6
              base-iface:
                description:
                - The interface that carries the tunnel.
                type: str
              local:
                description:
                - The address of this end.
                type: str
              remote:
                description:
                - The address of the other end.
                type: str
              ttl:
                description:
                - The hop limit of outer packets; 0 takes it from the inner packet.
                - In hops.
                type: int
              tos:
                description:
                - The type of service of outer packets; 1 takes it from the inner packet.
                type: int
              flow-label:
                description:
                - The IPv6 flow label of outer packets, from 0 to 1048575.
                type: int
              ip6tun-flags:
                description:
                - Options of tunnels through IPv6.
                type: list
                elements: str
              pmtu-disc:
                description:
                - Whether the path MTU of the tunnel is discovered.
                type: bool
              encap-limit:
                description:
                - How often packets may be encapsulated further in tunnels through IPv6.
                type: int
              fwmark:
                description:
                - The firewall mark of outer packets.
                type: int
          infiniband:
            description:
            - The settings of InfiniBand.
            - For interfaces of type V(infiniband).
            type: dict
            suboptions:
              mode:
                description:
                - "The transport: V(datagram) or V(connected)."
                required: true
                type: str
                choices:
                - datagram
                - connected
              base-iface:
                description:
                - The card that carries a partition.
                type: str
              pkey:
                description:
                - The key of the partition, such as V(0x8001); V(0xffff) for the card itself.
                required: true
                type: str
          patch:
            description:
            - The settings of a cable between two Open vSwitch bridges.
            - For interfaces of type V(ovs-interface).
            type: dict
            suboptions:
              peer:
                description:
                - The interface at the other end.
                required: true
                type: str
          dpdk:
            description:
            - The settings of an interface that is driven by DPDK.
            - For interfaces of type V(ovs-interface).
            type: dict
            suboptions:
              devargs:
                description:
                - The device, such as V(0000:af:00.1).
                required: true
                type: str
              rx-queue:
                description:
                - The number of receive queues.
                aliases:
                - n_rxq
                type: int
              n_rxq_desc:
                description:
                - The number of receive descriptors, a power of 2 up to 4096; 0 for the default.
                type: int
              n_txq_desc:
                description:
                - The number of send descriptors, a power of 2 up to 4096; 0 for the default.
                type: int
              lsc-interrupt:
                description:
                - Whether a change of link is reported by interrupt rather than polled.
                aliases:
                - dpdk-lsc-interrupt
                type: bool
          libreswan:
            description:
            - The settings of an IPsec connection.
            - For interfaces of type V(ipsec).
            type: dict
            suboptions:
              nm-auto-defaults:
                description:
                - Whether NetworkManager adds its own defaults.
                type: bool
              right:
                description:
                - The address or name of the peer.
                required: true
                type: str
              rightid:
                description:
                - The identity of the peer.
                type: str
              rightrsasigkey:
                description:
                - The RSA public key of the peer, or V(%cert).
                type: str
              rightcert:
                description:
                - The name of the peer's certificate.
                type: str
              rightca:
                description:
                - The certification authority of the peer's certificate.
                type: str
              rightsubnet:
                description:
                - The network behind the peer, in CIDR notation.
                type: str
              rightsubnets:
                description:
                - The networks behind the peer, separated by commas.
                type: str
              rightprotoport:
                description:
                - The protocol and port of the peer, such as V(tcp/443).
                type: str
              left:
                description:
                - The address of this host, or V(%defaultroute).
                type: str
              leftid:
                description:
                - The identity of this host.
                type: str
              leftrsasigkey:
                description:
                - The RSA public key of this host, or V(%cert).
                type: str
              leftcert:
                description:
                - The name of this host's certificate.
                type: str
              leftsendcert:
                description:
                - "When the certificate is sent: V(always), V(never) or V(sendifasked)."
                type: str
              leftsubnet:
                description:
                - The network behind this host, in CIDR notation.
                type: str
              leftsubnets:
                description:
                - The networks behind this host, separated by commas.
                type: str
              leftprotoport:
                description:
                - The protocol and port of this host, such as V(tcp/443).
                type: str
              leftmodecfgclient:
                description:
                - Whether the peer assigns the address of this host.
                type: bool
              psk:
                description:
                - The pre-shared key.
                - A secret; it is masked in everything that is returned.
                type: str
              authby:
                description:
                - How the peers authenticate each other, such as V(rsasig) or V(secret).
                type: str
              ikev2:
                description:
                - Whether version 2 of the key exchange is used, such as V(insist) or V(no).
                type: str
              ike:
                description:
                - The algorithms of the key exchange.
                type: str
              esp:
                description:
                - The algorithms of the tunnel.
                type: str
              ikelifetime:
                description:
                - How long keys of the key exchange are used, such as V(24h).
                type: str
              salifetime:
                description:
                - How long keys of the tunnel are used, such as V(8h).
                type: str
              dpddelay:
                description:
                - The time between checks that the peer is alive.
                - In seconds.
                type: int
              dpdtimeout:
                description:
                - How long a silent peer counts as alive.
                - In seconds.
                type: int
              dpdaction:
                description:
                - What happens when the peer is dead, such as V(restart).
                type: str
              ipsec-interface:
                description:
                - The number of the virtual interface of the connection, or V(yes) or V(no).
                type: str
              type:
                description:
                - >-
                  Whether whole packets (V(tunnel)) or only their contents (V(transport)) are
                  protected.
                type: str
                choices:
                - tunnel
                - transport
              hostaddrfamily:
                description:
                - The family of the peers' addresses, V(ipv4) or V(ipv6).
                type: str
                choices:
                - ipv4
                - ipv6
              clientaddrfamily:
                description:
                - The family of the networks behind the peers, V(ipv4) or V(ipv6).
                type: str
                choices:
                - ipv4
                - ipv6
              require-id-on-certificate:
                description:
                - Whether the certificate of the peer must hold its identity.
                type: bool
      ovs-db:
        description:
        - Global columns of the Open vSwitch database.
        type: dict
        suboptions:
          external_ids:
            description:
            - Keys for programs outside Open vSwitch; a null value deletes the key.
            type: dict
          other_config:
            description:
            - Rarely used settings; a null value deletes the key.
            type: dict
      ovn:
        description:
        - The settings of Open Virtual Network.
        type: dict
        suboptions:
          bridge-mappings:
            description:
            - >-
              Which bridge carries which physical network; networks that are not listed stay
              as they are.
            type: list
            elements: dict
            suboptions:
              localnet:
                description:
                - The name of the physical network in OVN.
                required: true
                type: str
              state:
                description:
                - V(absent) removes the mapping.
                type: str
                choices:
                - present
                - absent
              bridge:
                description:
                - The Open vSwitch bridge that is connected to the network.
                type: str
  state:
    description:
    - V(merged) changes what O(desired_state) mentions.
    - >-
      V(replaced) replaces what it lists as a whole. Settings of a listed interface
      that are not mentioned go back to their defaults, those of its type and of its
      ports among them, such as the spanning tree of a bridge, and ports that are not
      listed go. What stays is its hardware address, MTU, controller and alternative names,
      what card and driver decide (C(ethernet), C(ethtool)), C(802.1x), and what
      cannot be changed without making the interface anew. With C(routes), other static
      routes over the same interfaces go; with C(route-rules), other rules go; with
      C(dns-resolver), its lists that are not mentioned are emptied.
    - >-
      V(overridden) does so for the whole host. Interfaces, routes, rules and DNS
      settings that are not listed go. It can take away the way to the host, and then the
      host goes back by itself.
    - "V(deleted) removes what is listed: an interface by its name alone, routes and rules that
      have all the values given, however few, and single entries of the lists of C(dns-resolver),
      or all of them when none is given. A physical interface loses its configuration."
    - >-
      V(rendered) returns the NetworkManager profiles that O(desired_state) makes,
      and V(parsed) the state that O(running_config) is the text of; neither looks at the
      host. V(gathered) returns the state of the host. None of them changes anything.
    type: str
    choices:
    - merged
    - replaced
    - overridden
    - deleted
    - rendered
    - gathered
    - parsed
    default: merged
  running_config:
    description:
    - The output of C(nmstatectl show) in YAML or JSON, for O(state=parsed).
    type: str
  checkpoint_timeout:
    description:
    - Seconds until NetworkManager takes back a change that nobody has confirmed.
    type: int
    default: 30
  lock_timeout:
    description:
    - Seconds to wait for somebody else's checkpoint.
    type: int
    default: 60
  settle_timeout:
    description:
    - Seconds for which failing O(probes) are asked again before a change is undone.
    type: int
    default: 10
  probes:
    description:
    - >-
      What a change must not cost the host. Each is asked before and after; one that
      fails before is not watched, unless it is C(required).
    - The default gateways and the resolver when left out; an empty list asks nothing.
    type: list
    elements: dict
    suboptions:
      gateway:
        description:
        - "V(true): the default gateways answer the host."
        type: bool
      dns:
        description:
        - A name that the host has to resolve.
        type: str
      tcp:
        description:
        - >-
          C(ADDRESS:PORT) to which the host has to open a TCP connection, an IPv6 address
          in brackets.
        type: str
      command:
        description:
        - >-
          A program on the host and its arguments, run without a shell, that has to end
          with status 0.
        type: list
        elements: str
      controller_tcp:
        description:
        - >-
          C(ADDRESS:PORT), or C(:PORT) of the host's own address, to which a TCP
          connection has to open from the controller; for O(confirm=controller).
        type: str
      required:
        description:
        - Whether it has to pass before the change too, which is not begun otherwise.
        type: bool
        default: false
      timeout:
        description:
        - Seconds for one answer.
        type: int
        default: 3
  persist:
    description:
    - "When a change is written to disk: V(after-commit) when it is confirmed, so that a reboot
      before undoes it; V(at-once) with the change; V(never), so that the next reboot undoes it."
    type: str
    choices:
    - after-commit
    - at-once
    - never
    default: after-commit
  confirm:
    description:
    - Who finds a change good before it is final.
    - "V(controller): the host shows the desired state, its O(probes) pass, and Ansible has made a
      new connection after the change, at the old address or at one that the change itself gives.
      Otherwise the host goes back by itself."
    - "V(host): the host shows the desired state and its O(probes) pass."
    - "V(none): the host shows the desired state."
    type: str
    choices:
    - controller
    - host
    - none
    default: controller
attributes:
  check_mode:
    support: full
    description:
    - Says what would be changed, and changes nothing.
  diff_mode:
    support: full
    description:
    - Shows what differs, and nothing else.
notes:
- "The module needs root: set C(become: true)."
- >-
  Check mode says what a run would change, with the same diff, and fails where a
  run could not begin, such as without the base interface of a VLAN.
- "A policy may take values from the host with C(capture). Its C(nodeSelector) is refused: choose
  the hosts by C(hosts), groups of the inventory or C(when)."
- >-
  When the change moves the host to another address, RV(address) says where it
  is. The rest of the play needs it as C(ansible_host).
- >-
  Secrets are masked in everything that is returned. One that O(desired_state)
  gives is compared on the host with the one that the host has; a diff says that it
  is another one, and shows neither.
seealso:
- module: nmstate.host.nmstate_info
author:
- The nmstate authors (@nmstate)
"""

EXAMPLES = r"""
- name: A bridge with an address
  nmstate.host.nmstate:
    desired_state:
      interfaces:
        - name: br0
          type: linux-bridge
          bridge:
            port:
              - name: eth1
          ipv4:
            enabled: true
            address:
              - ip: 192.0.2.10
                prefix-length: 24

- name: A new address of the host itself, watched by a service that it needs
  nmstate.host.nmstate:
    checkpoint_timeout: 60
    desired_state:
      interfaces:
        - name: eth0
          ipv4:
            enabled: true
            address:
              - ip: 192.0.2.11
                prefix-length: 24
    probes:
      - tcp: 192.0.2.80:443
        required: true

- name: The bridge goes
  nmstate.host.nmstate:
    state: deleted
    desired_state:
      interfaces:
        - name: br0
"""

RETURN = r"""
before:
  description:
  - What O(desired_state) mentions as it was on the host.
  type: dict
  returned: for the states that change a host
after:
  description:
  - The same as it is now, or as it would be in check mode.
  type: dict
  returned: for the states that change a host
commands:
  description:
  - The change in words, a step each.
  type: list
  returned: for the states that change a host
  elements: str
  sample:
  - change `interfaces[eth1].mtu` from `1500` to `1400`
transaction:
  description:
  - >-
    What happened when (C(timeline), and C(controller) as seen from Ansible), how
    the probes went, how long the host did not answer, and the final C(state).
  type: dict
  returned: when the host was changed, and when that failed
address:
  description:
  - Where the host is now.
  type: str
  returned: when the change has moved the host
gathered:
  description:
  - The state of the host.
  type: dict
  returned: for O(state=gathered)
rendered:
  description:
  - The files of the profiles by their names.
  type: dict
  returned: for O(state=rendered)
parsed:
  description:
  - The state of O(running_config).
  type: dict
  returned: for O(state=parsed)
"""
