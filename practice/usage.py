"""What the account's resources have billed, computed from their events alone: seconds and US dollars by part.

A witness of its own to what anyone else makes of the account's states: it shares no code with the deck.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

from practice.bill.spans import Billed, billed
from practice.bill.usage_types import UsageType, used
from practice.world import World


def usage(world: World) -> list[dict[str, Any]]:
    """Every resource that ever billed, gone ones too: seconds by part, and US dollars as decimal text, not rounded."""
    return [_row(each) for each in billed(world, world.clock.now())]


def _row(resource: Billed) -> dict[str, Any]:
    microseconds: Counter[str] = Counter()
    amounts: Counter[UsageType] = Counter()
    for span in resource.spans:
        lasted = (span.end - span.start) // timedelta(microseconds=1)
        for part in span.parts:
            microseconds[part] += lasted
        for usage_type, count in used(resource.region, span.held, span.parts):
            amounts[usage_type] += count * lasted
    usd = dict.fromkeys(microseconds, Decimal(0))
    for usage_type, amount in amounts.items():
        usd[usage_type.part] += usage_type.cost(amount)
    return {
        "kind": resource.kind,
        "region": resource.region,
        "name": resource.name,
        "created": resource.created.isoformat(),
        "gone": resource.gone,
        "parts": {
            part: {"seconds": str(Decimal(lasted) / 1_000_000), "usd": str(usd[part])}
            for part, lasted in microseconds.items()
        },
        "usd": str(sum(usd.values(), Decimal(0))),
    }
