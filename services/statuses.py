"""States as AWS names them, for code to compare with; a state that AWS adds later is read and keeps its name."""

from enum import StrEnum


class Status(StrEnum):
    """A kind's states. `Kind("SomethingNew")` is no error: it equals no other state, and nothing is known of it."""

    @classmethod
    def _missing_(cls, value: object) -> "Status | None":
        if not isinstance(value, str):
            return None
        unheard_of = str.__new__(cls, value)
        unheard_of._name_ = unheard_of._value_ = value
        return unheard_of
