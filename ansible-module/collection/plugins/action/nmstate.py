# Copyright: the nmstate authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Changes network state, and confirms the change over a connection that is made after it.

The module returns before the network is touched and leaves a process on the host that holds the
change. This plugin waits for it over connections of its own, at the old address and at those that
the change gives. When the change is in force, it makes one more connection and says over it that
the host can be reached. If it cannot say so in time, the host goes back by itself, and at once if a
probe that only the controller can ask fails.
"""

from __future__ import annotations

import itertools
import json
import shlex
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase
from ansible_collections.nmstate.host.plugins.plugin_utils.binary import execute

# A connection that the change has cut is noticed within seconds, and so is an address where nobody is.
SSH_OPTIONS = (
    "-o ServerAliveInterval=1 -o ServerAliveCountMax=3 -o ConnectTimeout=3 -o ConnectionAttempts=1"
)
# The longest that a probe holds up a change, in seconds.
BASELINE = 3
# Before every answer: a login script may print what it likes.
MARK = "nmstate-hold"
# $1: the directory of the change, $2: how many tenths of a second to wait for news.
LOOK = """
turns=0
[ -d "$1" ] || { echo nmstate-hold none; exit 0; }
while :; do
    if [ -e "$1/result" ]; then echo nmstate-hold result; cat "$1/result"; echo; exit 0; fi
    [ -d "/proc/$(cat "$1/process")" ] || { echo nmstate-hold gone; exit 0; }
    if [ -e "$1/awaited" ] && [ ! -e "$1/confirmed" ]; then echo nmstate-hold awaited; exit 0; fi
    if [ "$turns" -ge "$2" ]; then echo nmstate-hold working; exit 0; fi
    sleep 0.1
    turns=$((turns + 1))
done
"""
CONFIRM = ": >\"$1/confirmed\"" + LOOK
# $3: why the change is not good; whole or not at all.
OBJECT = "printf '%s\\n' \"$3\" >\"$1/objection\" && mv \"$1/objection\" \"$1/confirmed\"" + LOOK
CLEAN = "rm -rf \"${1:?}\""


class ActionModule(ActionBase):
    """Runs the module on the host, and the part of it that only the controller can do."""

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        internal = {}
        if self._task.args.get("confirm", "controller") == "controller":
            internal["phase"] = "hold"
            internal["unreached"] = {} if self._task.check_mode else self._unreached()
        result.update(execute(self, "nmstate", task_vars, **internal))
        held = result.pop("_nmstate_hold", None)
        if held is not None:
            warnings = result.get("warnings", [])
            result.update(Held(self._connection, self._run, held).wait())
            result["warnings"] = warnings + [one for one in result.get("warnings", []) if one not in warnings]
        return result

    def _unreached(self):
        """Why the controller cannot reach what it is to reach after the change, by number."""
        asked = list(outside_probes(self._task.args.get("probes")))
        limit = [dict(probe, timeout=min(probe["timeout"], BASELINE)) for number, probe in asked]
        answers = ask_all(limit, own_address(self._connection))
        return {number: reason for (number, probe), reason in zip(asked, answers) if reason is not None}

    def _run(self, script, *words):
        command = " ".join(shlex.quote(word) for word in ("sh", "-c", script, "sh") + words)
        return self._low_level_execute_command(command)["stdout"]


def outside_probes(probes):
    """The probes that only the controller can ask; what is wrong in them is the module's to say."""
    if isinstance(probes, str):
        try:
            probes = json.loads(probes)
        except ValueError:
            return
    for number, probe in enumerate(probes if isinstance(probes, list) else []):
        if not isinstance(probe, dict) or probe.get("controller_tcp") is None:
            continue
        address, colon, port = str(probe["controller_tcp"]).rpartition(":")
        try:
            timeout = float(probe.get("timeout", BASELINE))
            yield str(number), {"address": address.strip("[]"), "port": int(port), "timeout": timeout}
        except (TypeError, ValueError):
            continue


def ask_all(probes, own):
    """Opens TCP connections side by side: why each could not be opened."""
    if not probes:
        return []
    with ThreadPoolExecutor(max_workers=len(probes)) as pool:
        return list(pool.map(lambda probe: refusal(probe, own), probes))


def refusal(probe, own):
    """Why a TCP connection cannot be opened; nothing when it can."""
    try:
        socket.create_connection((probe["address"] or own, probe["port"]), max(probe["timeout"], 1)).close()
    except (OSError, OverflowError) as error:
        return str(error)
    return None


def own_address(connection):
    """The address that the host is reached at."""
    try:
        return connection.get_option("host")
    except KeyError:
        return None


class Held:
    """A change that waits on the host for this controller."""

    def __init__(self, connection, run, held):
        self.connection = connection
        self.run = run
        self.held = held
        self.started = time.monotonic()
        self.events = []
        self.address = None
        self.lost_since = None
        self.outage = 0.0
        self.reason = None
        self.ssh_args = self._option("ssh_args")

    def wait(self):
        """Confirms the change when it is in force; what came of it."""
        deadline = self.started + self.held["patience"]
        addresses = itertools.cycle([None] + self.held["addresses"])
        address = next(addresses)
        while time.monotonic() < deadline:
            news, rest = self._ask(address, LOOK, "20")
            if news == "awaited":
                failing = self._settle(address)
                # Made after the change: that it can be made is what confirms it.
                script, words = (OBJECT, ["; ".join(failing)]) if failing else (CONFIRM, [])
                news, rest = self._ask(address, script, "50", *words)
                if news is not None:
                    self._note("objected" if failing else "confirmed over a new connection")
            if news == "result":
                return self._finish(address, rest)
            if news == "none":
                return self._failed(
                    "the host knows nothing of the change any more: it was restarted meanwhile, and "
                    "an unconfirmed change does not outlive that"
                )
            if news == "gone":
                self._clean()
                return self._failed(
                    "the process that held the change on the host was killed; an unconfirmed change "
                    "is undone by NetworkManager %s s after it was made" % self.held["timeout"]
                )
            if news is None:
                address = next(addresses)
        return self._failed(
            "the host does not answer any more (%s); an unconfirmed change is undone by NetworkManager "
            "%s s after it was made" % (self.reason, self.held["timeout"])
        )

    def _settle(self, address):
        """Asks the probes until all pass or their time is up: what still fails."""
        probes = self.held["probes"]
        # Without a word the host goes back, and says less about why.
        deadline = time.monotonic() + min(self.held["settle_timeout"], self.held["timeout"] - 2)
        while True:
            answers = ask_all(probes, address or own_address(self.connection))
            failing = [
                "probe `%s` fails since the change: %s" % (probe["name"], reason)
                for probe, reason in zip(probes, answers)
                if reason is not None
            ]
            if not failing or time.monotonic() >= deadline:
                return failing
            time.sleep(0.5)

    def _ask(self, address, script, turns, *words):
        """Asks over a new connection; nothing when there is none."""
        try:
            self._reconnect(address)
            said = self.run(script, self.held["directory"], turns, *words)
        except AnsibleConnectionFailure as failure:
            self._lost(" ".join(str(failure).split()))
            time.sleep(0.2)
            return None, None
        lines = said.replace("\r\n", "\n").split("\n")
        found = next((index for index, line in enumerate(lines) if line.startswith(MARK + " ")), None)
        if found is None:
            self._lost("no answer")
            return None, None
        if self.lost_since is not None:
            self.outage = max(self.outage, time.monotonic() - self.lost_since)
            self.lost_since = None
            self._note("the host answers again" + (" at %s" % address if address else ""))
        return lines[found].split(" ", 1)[1], "\n".join(lines[found + 1:])

    def _reconnect(self, address):
        options = SSH_OPTIONS
        if address is not None:
            options += " -o HostName=%s -o HostKeyAlias=%s" % (address, shlex.quote(self._key_name()))
        if self.ssh_args is not None:
            # The first value of an option counts.
            self.connection.set_option("ssh_args", "%s %s" % (options, self.ssh_args))
        self._disconnect()

    def _disconnect(self):
        # Not every kind of connection lasts beyond a command.
        if type(self.connection).reset is not ConnectionBase.reset:
            self.connection.reset()

    def _key_name(self):
        """The name that the host's key is known under, whatever its address."""
        host = self._option("host") or ""
        port = self._option("port")
        return host if port in (None, 22) else "[%s]:%s" % (host, port)

    def _option(self, name):
        try:
            return self.connection.get_option(name)
        except KeyError:
            return None

    def _lost(self, reason):
        self.reason = reason
        if self.lost_since is None:
            self.lost_since = time.monotonic()
            self._note("lost the connection")

    def _note(self, event):
        self.events.append({"at": round(time.monotonic() - self.started, 3), "event": event})

    def _finish(self, address, text):
        result = json.loads(text.split("\n", 1)[0])
        self._clean()
        if result.get("failed") and self.outage:
            result["msg"] = "the change cut the connection to the host, no answer for %.1f s; %s" % (
                self.outage,
                result["msg"],
            )
        if "transaction" in result:
            result["transaction"]["controller"] = self.events
            if self.outage:
                result["transaction"]["outage_seconds"] = round(self.outage, 3)
        if address is not None and not result.get("failed"):
            result["address"] = address
        return result

    def _clean(self):
        try:
            self.run(CLEAN, self.held["directory"])
        except AnsibleConnectionFailure:
            # The host removes it by itself in the end.
            pass
        # Nobody else goes on over a connection with these options, or to another address.
        self._disconnect()

    def _failed(self, message):
        return {"failed": True, "changed": False, "msg": message, "transaction": {"controller": self.events}}
