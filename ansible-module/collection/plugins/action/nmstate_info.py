# Copyright: the nmstate authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Reads network state with the binary that fits the host."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible_collections.nmstate.host.plugins.plugin_utils.binary import execute


class ActionModule(ActionBase):
    """Runs the module on the host; there is nothing to confirm."""

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        result.update(execute(self, "nmstate_info", task_vars))
        return result
