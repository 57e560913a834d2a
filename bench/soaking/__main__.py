"""`python -m bench.soaking [subject …]`: what must hold under faults and kills, at full size. Fails on a miss."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from streamlit import logger

from bench.harness import Figure, report
from bench.soaking import auto_stops, launches, ledgers, reads, screens, secrets

Subject = Callable[[int], Iterator[Figure]]

FULL: Mapping[str, tuple[Subject, int]] = MappingProxyType(
    {
        "reads": (reads.figures, 1_000),
        "launches": (launches.figures, 1_000),
        "ledgers": (ledgers.figures, 200),
        "auto-stops": (auto_stops.figures, 100),
        "screens": (screens.figures, len(screens.PLACES)),
        "secrets": (secrets.figures, len(secrets.KINDS)),
    }
)
"""Subject → its figures and how many rounds are the full size."""


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in FULL]
    if unknown:
        print(f"no figures of {', '.join(unknown)}; there are {', '.join(FULL)}", file=sys.stderr)
        return 2
    # Pages outside of a server say so at each step, and a ledger that is opened says what SQLite it has.
    logger.set_log_level("ERROR")
    logging.getLogger("services.databases").setLevel(logging.ERROR)
    held = [report(partial(*FULL[name])()) for name in names or FULL]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
