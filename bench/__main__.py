"""`python -m bench [subject ...]`: what we claim about speed, by subject or all of it; fails on a missed bound."""

import sys
from collections.abc import Callable, Iterator

from bench import bills, decisions, deck, offers, planners, practice, regions
from bench.harness import Figure, report

SUBJECTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "practice": practice.figures,
    "deck": deck.figures,
    "regions": regions.figures,
    "decisions": decisions.figures,
    "offers": offers.figures,
    "planners": planners.figures,
    "bills": bills.figures,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        print(f"no bench of {', '.join(unknown)}; there are {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    held = [report(SUBJECTS[name]()) for name in names or SUBJECTS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
