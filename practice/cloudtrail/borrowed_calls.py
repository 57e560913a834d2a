"""Calls to borrowed services: let in at AWS's rates, and in the event history as far as their bodies can be read
without their models: JSON in full, a query's parameters as they were sent, XML replies not at all."""

import json
import re
from typing import Any

from practice.borrowed import launch_capacities, vcpus
from practice.borrowed.application import Watch
from practice.borrowed.calls import Call
from practice.borrowed.dispatch import Reply
from practice.borrowed.names import Name
from practice.cloudtrail import events, identities
from practice.cloudtrail.events import Done
from practice.cloudtrail.identities import EC2
from practice.ec2 import spot_instances
from practice.errors import ServiceError
from practice.headers import INTERRUPTION_HEADER
from practice.signatures import Signer
from practice.throttles import Throttles
from practice.world import World

PROTOCOL_PARAMETERS = frozenset(("Action", "Version"))
_CODE, _MESSAGE = (re.compile(f"<{name}>(.*?)</{name}>", re.DOTALL) for name in ("Code", "Message"))


class Watcher(Watch):
    """What this account does with every borrowed call."""

    def __init__(self, world: World, throttles: Throttles) -> None:
        self._world = world
        self._throttles = throttles

    def admit(self, call: Call, name: Name) -> None:
        if INTERRUPTION_HEADER in call.headers and call.access_key != self._world.door.access_key:
            raise ServiceError("AccessDeniedException", f"{INTERRUPTION_HEADER} is for the account's own key.")
        if not call.role:
            self._throttles.admit(call.service, call.region, name.operation)

    def check(self, call: Call, name: Name) -> None:
        vcpus.check(self._world, call, name.operation)
        launch_capacities.check(self._world, call, name.operation)

    def changed(self, call: Call, name: Name, reply: Reply) -> None:
        refused = reply.status >= 400
        if call.service in spot_instances.LAUNCHING and not refused:
            spot_instances.follow(self._world, call.region)
        if not events.is_kept(call.service, name.operation):
            return
        if INTERRUPTION_HEADER in call.headers:
            events.record(self._world, identities.service(EC2), _taken_back(call))
            return
        said = {} if refused else _document(reply.body)
        error = _error(reply) if refused else None
        done = Done(call.service, call.region, name.operation, _request(call, name), said, error)
        caller = identities.who(Signer(call.access_key, call.region, call.service), call.role, self._world.door)
        events.record(self._world, caller, done)


def _taken_back(call: Call) -> Done:
    """docs.aws.amazon.com/AWSEC2/latest/UserGuide/checking-for-spot-instance-interruption.html"""
    ids = [value for key, value in call.form.items() if key.startswith("InstanceId.")]
    return Done(call.service, call.region, "BidEvictedEvent", {"instanceIdSet": ids})


def _request(call: Call, name: Name) -> dict[str, Any]:
    if name.bucket:
        return {"Bucket": name.bucket}
    if call.stored is None and call.body[:1] == b"{":
        return _document(call.body)
    return {key: value for key, value in call.form.items() if key not in PROTOCOL_PARAMETERS}


def _document(body: Any) -> dict[str, Any]:
    if not isinstance(body, bytes) or body[:1] != b"{":
        return {}
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError:
        return {}
    return found


def _error(reply: Reply) -> tuple[str, str]:
    said = _document(reply.body)
    if said:
        return str(said.get("__type", "")).rpartition("#")[2], str(said.get("message", said.get("Message", "")))
    text = reply.body.decode("utf-8", "replace") if isinstance(reply.body, bytes) else ""
    code, message = _CODE.search(text), _MESSAGE.search(text)
    return code[1] if code else str(reply.status), message[1] if message else ""
