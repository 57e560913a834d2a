"""What every AWS state means: its tone, its icon, one line of explanation. Its name stays as AWS writes it."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from pages.ui.palette import Tone
from pages.ui.text import Safe, escape, has, t

BadgeColour = Literal["green", "orange", "gray", "red"]

BADGES: dict[Tone, BadgeColour] = {
    Tone.HEALTHY: "green",
    Tone.MOVING: "orange",
    Tone.STOPPED: "gray",
    Tone.GONE: "gray",
    Tone.FAILED: "red",
}

ICONS: dict[Tone, str] = {
    Tone.HEALTHY: ":material/play_circle:",
    Tone.MOVING: ":material/pending:",
    Tone.STOPPED: ":material/stop_circle:",
    Tone.GONE: ":material/do_not_disturb_on:",
    Tone.FAILED: ":material/error:",
}
DONE = ":material/check_circle:"
UNHEARD_OF = ":material/help:"

_BY_TONE: dict[Tone, tuple[str, ...]] = {
    Tone.HEALTHY: (
        *("InService", "InProgress", "Training", "Executing", "Running", "running", "Active", "ENABLED"),
        *("Created", "Started", "Available", "InUse"),
    ),
    Tone.MOVING: (
        *("Pending", "Creating", "Updating", "Stopping", "Deleting", "SystemUpdating", "RollingBack", "Starting"),
        *("LaunchingMLInstances", "PreparingTrainingStack", "Downloading", "DownloadingTrainingImage", "Uploading"),
        *("Restarting", "PendingMaintenance", "InMaintenance", "ActivatingTraffic", "Baking", "Scheduled"),
        *("pending", "stopping", "shutting-down", "PENDING", "CASE_OPENED"),
    ),
    Tone.STOPPED: (
        *("Stopped", "stopped", "OutOfService", "Completed", "Succeeded", "DISABLED", "APPROVED", "CASE_CLOSED"),
        *("MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Expired"),
    ),
    Tone.GONE: ("Deleted", "terminated"),
    Tone.FAILED: (
        *("Failed", "UpdateRollbackFailed", "DeleteFailed", "CompletedWithFailures", "Interrupted"),
        *("Update_Failed", "Delete_Failed"),
        *("DENIED", "NOT_APPROVED", "INVALID_REQUEST"),
    ),
}
_TONES: dict[str, Tone] = {state: tone for tone, states in _BY_TONE.items() for state in states}
_DONE = frozenset({"Completed", "Succeeded", "APPROVED"})


@dataclass(frozen=True, slots=True)
class State:
    """How one state is shown."""

    name: str
    tone: Tone
    icon: str
    """Material Symbol, as Streamlit writes it."""

    @property
    def help(self) -> Safe | None:
        """One line for somebody who never met the word; None for a state AWS added later."""
        key = f"states.{self.name}"
        return t(key) if has(key) else None

    @property
    def is_moving(self) -> bool:
        """Whether it will change by itself, so that looking again soon is worth it."""
        return self.tone is Tone.MOVING


def known() -> tuple[str, ...]:
    """Every state with a meaning of its own."""
    return tuple(_TONES)


def state(name: str) -> State:
    """How `name` is shown; a state nobody told us about is grey with a question mark, never an error."""
    tone = _TONES.get(name)
    if tone is None:
        return State(name, Tone.STOPPED, UNHEARD_OF)
    return State(name, tone, DONE if name in _DONE else ICONS[tone])


def chip(name: str) -> None:
    """Draw the state as a badge with its word, icon and colour, explained on hover; what is gone is words alone."""
    shown = state(name)
    if shown.tone is Tone.GONE:
        st.markdown(f":gray[{shown.icon} {escape(name)}]", width="content")
        return
    badge(name, shown.tone, icon=shown.icon, help=shown.help)


def badge(words: str, tone: Tone, *, icon: str | None = None, help: str | None = None) -> None:
    """A chip in the deck's own words, with the colour and the icon of what it means."""
    st.badge(words, icon=icon or ICONS[tone], color=BADGES[tone], help=help)


def chip_text(name: str) -> Safe:
    """The same chip inside a sentence."""
    shown = state(name)
    kind = "gray" if shown.tone is Tone.GONE else f"{BADGES[shown.tone]}-badge"
    return Safe(f":{kind}[{shown.icon} {escape(name)}]")
