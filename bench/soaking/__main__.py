"""`python -m bench.soaking [subject …]`: what must hold under faults and kills, at full size. Fails on a miss."""

import sys
from importlib import import_module

from bench.harness import report
from bench.soaking.kills import quiet

FULL = {"reads": 1_000, "launches": 1_000, "ledgers": 200, "auto_stops": 100, "screens": 18, "secrets": 15}
"""Subject, which is a module here → how many rounds its figures take at full size."""


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in FULL]
    if unknown:
        print(f"no figures of {', '.join(unknown)}; there are {', '.join(FULL)}", file=sys.stderr)
        return 2
    quiet()
    held = [report(import_module(f"bench.soaking.{name}").figures(FULL[name])) for name in names or FULL]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
