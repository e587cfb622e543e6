# Copyright: the nmstate authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Runs the module binary that fits the host."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail, AnsibleError

# What `uname -m` says, and the binary for it.
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def execute(action, module, task_vars, **internal):
    """Runs the binary as `module` with the arguments of the task and those of the action plugin."""
    # Before the privileges change: sudo drops where the connection comes from.
    said = action._low_level_execute_command("uname -m; echo \"$SSH_CONNECTION\"", sudoable=False)
    lines = [line.strip() for line in said["stdout_lines"]]
    # A login script may print what it likes before.
    found = next((index for index, line in enumerate(lines) if line in ARCHITECTURES), None)
    if found is None:
        raise AnsibleActionFail(
            "no module for the architecture of this host (`uname -m` says `%s`, and there are x86_64 "
            "and aarch64)" % " ".join(lines)
        )
    machine = ARCHITECTURES[lines[found]]
    internal["module"] = module
    internal["connection"] = " ".join(lines[found + 1:])
    arguments = dict(action._task.args)
    for name in arguments:
        if name.startswith("_"):
            raise AnsibleActionFail("unknown option `%s` (leave it out)" % name)
    arguments.update(("_nmstate_%s" % name, value) for name, value in internal.items())
    try:
        return action._execute_module(
            module_name="nmstate.host.__bin.nmstate_%s" % machine,
            module_args=arguments,
            task_vars=task_vars,
        )
    except AnsibleError as error:
        if "was not found" in str(error) or "couldn't resolve" in str(error):
            raise AnsibleActionFail(
                "this build of the collection has no binary for %s (build it with that one)" % machine
            ) from error
        raise
