"""How often the deck asks: below the rates at which AWS throttles, for each account, region and operation.

A call that would come too soon waits here for its turn, so that one page that lists much does not use up the retries
of the others. Figures: what AWS publishes (LookupEvents, Service Quotas), else what it is known to bear.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PACES = (
    (re.compile(r"cloudtrail\.LookupEvents"), 2.0, 1),
    (re.compile(r"service-quotas\.List\w+"), 10.0, 10),
    (re.compile(r"service-quotas\.\w+"), 3.0, 3),
    (re.compile(r"resource-groups-tagging-api\.\w+"), 10.0, 10),
    (re.compile(r"pricing\.\w+"), 5.0, 10),
    (re.compile(r"savingsplans\.\w+"), 5.0, 10),
    (re.compile(r"sagemaker\.ListTrainingJobs"), 2.0, 2),
    (re.compile(r"sagemaker\.Search"), 10.0, 20),
    (re.compile(r"sagemaker\.(Describe|List)\w+"), 20.0, 50),
)
"""(service.operation as botocore's events name it, a second, at once); the first that fits."""


@dataclass(slots=True)
class Pace:
    """Turns at equal distances, of which `burst` may be taken at once. Thread-safe."""

    per_second: float
    burst: int
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> None:
        """Return when it is one's turn."""
        with self._lock:
            now, step = self.now(), 1 / self.per_second
            self._free_at = max(self._free_at, now - (self.burst - 1) * step)
            turn, self._free_at = self._free_at, self._free_at + step
        if turn > now:
            self.wait(turn - now)


class Paces:
    """The paces of one account and region, made as their operations are first called."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def hold_back(self, event_name: str, **_: object) -> None:
        """For botocore's `before-send` event: every attempt waits for its turn."""
        name = event_name.removeprefix("before-send.")
        rate = next(((a_second, at_once) for what, a_second, at_once in PACES if what.fullmatch(name)), None)
        if rate is None:
            return
        with self._lock:
            pace = self._paces.setdefault(name, Pace(*rate))
        pace.take()
