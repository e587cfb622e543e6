# Copyright: the nmstate authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the module `nmstate_info`, generated from the tables of the binary that does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nmstate_info
short_description: Read the network state of a host
version_added: "0.1.0"
description:
- >-
  Returns the network state of a host, or a part of it, in the form that
  M(nmstate.host.nmstate) takes. Changes nothing.
- The host needs NetworkManager. It needs neither Python nor nmstate.
options:
  gather:
    description:
    - "What to return: the whole state, or a part of it."
    type: str
    choices:
    - state
    - interfaces
    - routes
    - route_rules
    - dns
    default: state
  name:
    description:
    - >-
      Only interfaces with such a name, and routes over them. V(*) is any text, V(?)
      any one character.
    type: list
    elements: str
  type:
    description:
    - Only interfaces of these types, such as V(bond).
    type: list
    elements: str
  running_config:
    description:
    - Only what is configured, without what the host has learned or counts by itself.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description:
    - Says what would be changed, and changes nothing.
  diff_mode:
    support: none
    description:
    - Shows what differs, and nothing else.
notes:
- "The module needs root: set C(become: true)."
- Secrets are masked.
seealso:
- module: nmstate.host.nmstate
author:
- The nmstate authors (@nmstate)
"""

EXAMPLES = r"""
- name: All bonds
  nmstate.host.nmstate_info:
    gather: interfaces
    type: bond
  register: bonds
"""

RETURN = r"""
state:
  description:
  - What was asked for, with nmstate's own keys.
  type: dict
  returned: for O(gather=state)
interfaces:
  description:
  - What was asked for, with nmstate's own keys.
  type: list
  returned: for O(gather=interfaces)
  elements: dict
routes:
  description:
  - What was asked for, with nmstate's own keys.
  type: dict
  returned: for O(gather=routes)
route_rules:
  description:
  - What was asked for, with nmstate's own keys.
  type: dict
  returned: for O(gather=route_rules)
dns:
  description:
  - What was asked for, with nmstate's own keys.
  type: dict
  returned: for O(gather=dns)
"""
