"""What only a practice account has: its clock, its own account of what was billed, and whether it is well.
`X-Practice-Key` carries the access key."""

import hmac
import json
from datetime import timedelta
from typing import Any

from practice.ec2 import spot_instances
from practice.permissions.decisions import Decisions
from practice.protocol import Answer, Asked
from practice.sagemaker import training_lifecycle
from practice.ticker import Ticker
from practice.usage import usage
from practice.world import World

MAX_ADVANCE = timedelta(days=366)


def answer(world: World, ticker: Ticker, decisions: Decisions, asked: Asked) -> Answer:
    """`GET /_practice/health`, `GET /_practice/usage`, `GET /_practice/permissions` (who was allowed or denied what, by
    IAM, since the start), `GET /_practice/clock`, `POST /_practice/clock` with one of
    `{"advance_seconds": n}` (replies when all that fell due is done) or `{"speed": x}`, and
    `POST /_practice/interruptions` with `{"region": r, "training_job": name}` or `{"region": r, "instance_id": id}`
    (takes spot capacity back)."""
    if not hmac.compare_digest(asked.headers.get("x-practice-key", ""), world.door.access_key):
        return _json(403, {"message": "X-Practice-Key must be this account's access key"})
    match asked.method, asked.path:
        case "GET", "/_practice/health":
            return _json(200, {"healthy": True})
        case "GET", "/_practice/clock":
            return _json(200, _clock(world))
        case "GET", "/_practice/usage":
            return _json(200, {"now": world.clock.now().isoformat(), "resources": usage(world)})
        case "GET", "/_practice/permissions":
            return _json(200, {"decisions": decisions.made()})
        case "POST", "/_practice/clock":
            return _change(world, ticker, asked.body)
        case "POST", "/_practice/interruptions":
            return _interrupt(world, asked.body)
        case _:
            return _json(404, {"message": f"no {asked.method} {asked.path} here"})


def _change(world: World, ticker: Ticker, body: bytes) -> Answer:
    try:
        match json.loads(body):
            case {"advance_seconds": int() | float() as seconds} if 0 <= seconds <= MAX_ADVANCE.total_seconds():
                ticker.advance(timedelta(seconds=seconds))
            case {"speed": int() | float() as speed}:
                world.clock.set_speed(float(speed))
                world.notify()
            case _:
                raise ValueError('give {"advance_seconds": 0 to 31622400} or {"speed": above 0}')
    except ValueError as exc:
        return _json(400, {"message": str(exc)})
    return _json(200, _clock(world))


def _interrupt(world: World, body: bytes) -> Answer:
    try:
        match json.loads(body):
            case {"region": str() as region, "training_job": str() as name}:
                training_lifecycle.interrupt(world, region, name)
            case {"region": str() as region, "instance_id": str() as name}:
                spot_instances.interrupt(world, region, name)
            case _:
                raise ValueError('give {"region": ..., "training_job": ...} or {"region": ..., "instance_id": ...}')
    except ValueError as exc:
        return _json(400, {"message": str(exc)})
    return _json(200, {"interrupted": name})


def _clock(world: World) -> dict[str, Any]:
    return {"now": world.clock.now().isoformat(), "speed": world.clock.speed}


def _json(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
