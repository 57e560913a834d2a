"""How many training jobs really run at once on this machine. The others wait their turn, and do not bill."""

import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

HOSTS_AT_ONCE = max(8, 4 * (os.cpu_count() or 1))
"""Processes of training scripts; more would only slow each other down."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A job's place: `start` is called once, when its turn comes."""

    start: Callable[[], None]
    hosts: int
    held: int = field(default=0, init=False)
    """Hosts that it occupies now."""


class Queue:
    """First come, first served; a job of more hosts than there are runs alone."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._free = capacity
        self._waiting: deque[Ticket] = deque()
        self._lock = threading.Lock()

    def enter(self, ticket: Ticket) -> bool:
        """Whether its turn has come already; `start` has been called then."""
        with self._lock:
            self._waiting.append(ticket)
        self._serve()
        return ticket.held > 0

    def leave(self, ticket: Ticket) -> None:
        """Give the place up, whether waiting or running; a second time changes nothing."""
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            self._free += ticket.held
            ticket.held = 0
        self._serve()

    def _serve(self) -> None:
        while (ticket := self._next()) is not None:
            ticket.start()

    def _next(self) -> Ticket | None:
        with self._lock:
            if not self._waiting or min(self._waiting[0].hosts, self._capacity) > self._free:
                return None
            ticket = self._waiting.popleft()
            ticket.held = min(ticket.hosts, self._capacity)
            self._free -= ticket.held
            return ticket


QUEUE = Queue(HOSTS_AT_ONCE)
"""One for the machine: it is the machine that is to be spared."""
