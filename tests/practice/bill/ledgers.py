"""Resources as events alone: they bill, and nothing runs for them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from practice import service_modules
from practice.clock import Clock, Setting, wall_now
from practice.store import Store, to_us
from practice.world import Door, World

REGION = "ap-northeast-2"
TAGS = [{"Key": "team", "Value": "ml"}]


def at(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of 2027, or with a month above 12 of the years after it."""
    return datetime(2027 + (month - 1) // 12, (month - 1) % 12 + 1, day, hour, minute, second, tzinfo=UTC)


def write(
    store: Store, kind: str, name: str, *events: tuple[datetime, str, str, Mapping[str, Any]], region: str = REGION
) -> None:
    """Events of one resource: when, what, the state it led to, the changes."""
    rows = [
        (to_us(when), f"{kind}/{region}/{name}", kind, region, name, event, state, json.dumps(changes))
        for when, event, state, changes in events
    ]
    store.write_many("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def notebook(
    store: Store, name: str, *moves: tuple[datetime, str, str], size: int = 5, region: str = REGION, **more: Any
) -> None:
    """A notebook instance from its creation on, by when, what and the state that it led to."""
    document = {"InstanceType": "ml.t3.medium", "VolumeSizeInGB": size, "Tags": TAGS, **more}
    (when, event, state), *rest = moves
    made = (when, event, state, document)
    write(store, "notebook-instance", name, made, *((*move, dict[str, Any]()) for move in rest), region=region)


class Ledger:
    """A world of events as the account writes them, with nothing running behind them."""

    def __init__(self, home: Path, now: datetime) -> None:
        service_modules.load()
        self.store = Store(home / "ledger.sqlite3")
        self.clock = Clock(Setting(wall_now(), now, speed=1e-9))
        self.world = World(home, self.store, self.clock, Door("http://127.0.0.1:1", "key", "secret"))
