"""Whether something is used, in words with their evidence, for a table's cell."""

from datetime import datetime

from pages.ui import show
from pages.ui.text import plain
from services.idleness import LOOK_BACK, Idle, Use


def words(idle: Idle, now: datetime) -> str:
    """`Idle for 3 d 2 h: no invocation`; what nobody measures is said to be unknown, with the reason."""
    key = f"uses.{idle.use}_{idle.witness}"
    if idle.since is None:
        return plain(key)
    length = now - idle.since
    time = show.duration(length)
    if idle.use is Use.IDLE and length >= LOOK_BACK:
        time = plain("uses.longer", time=show.duration(LOOK_BACK))
    return plain(key, time=time)
