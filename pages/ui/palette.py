"""Every colour of the deck, by what it means, for the light and the dark theme.

Chips, charts and diagrams share these; `.streamlit/config.toml` repeats some, and a test holds the two together.
All pass WCAG AA against both surfaces of their theme (3:1 for shapes, 4.5:1 for text) and stay apart under simulated
protanopia, deuteranopia and tritanopia; tests compute both.
"""

import hashlib
from enum import StrEnum
from typing import Literal, get_args

from services.configurations import Colour as AccountColour

Theme = Literal["light", "dark"]


class Tone(StrEnum):
    """What a state means to the person who pays: the one thing a colour says."""

    HEALTHY = "healthy"
    MOVING = "moving"
    STOPPED = "stopped"
    GONE = "gone"
    FAILED = "failed"


class PurchaseOption(StrEnum):
    """How capacity is paid for, in the order in which it is always shown."""

    ON_DEMAND = "on_demand"
    RESERVED = "reserved"
    SAVINGS_PLAN = "savings_plan"
    SPOT = "spot"


SURFACES: dict[Theme, tuple[str, str]] = {"light": ("#FFFFFF", "#F3F5F7"), "dark": ("#0F151C", "#18212B")}
"""Page and card background."""

INK: dict[Theme, str] = {"light": "#0D141B", "dark": "#E6EBF0"}
MUTED: dict[Theme, str] = {"light": "#56616C", "dark": "#A3AEB9"}
GRID: dict[Theme, str] = {"light": "#DDE2E7", "dark": "#2B3641"}
ACCENT: dict[Theme, str] = {"light": "#1E3A5F", "dark": "#5078A6"}
"""The one colour of actions: ink-blue, so that it is never taken for a purchase option; white reads on it."""

STATE_COLOURS: dict[Theme, dict[Tone, str]] = {
    "light": {
        Tone.HEALTHY: "#12762B",
        Tone.MOVING: "#C67C0C",
        Tone.STOPPED: "#46515C",
        Tone.GONE: "#84898F",
        Tone.FAILED: "#D02B42",
    },
    "dark": {
        Tone.HEALTHY: "#7FD694",
        Tone.MOVING: "#DB9A36",
        Tone.STOPPED: "#9BA6B1",
        Tone.GONE: "#6C757F",
        Tone.FAILED: "#E05048",
    },
}

CHIP_FILLS: dict[Theme, dict[Tone, str]] = {
    "light": {
        Tone.HEALTHY: "#BFE6C9",
        Tone.MOVING: "#F6D9A5",
        Tone.STOPPED: "#D3D9DF",
        Tone.GONE: "#ECEEF0",
        Tone.FAILED: "#F5B9C0",
    },
    "dark": {
        Tone.HEALTHY: "#1E5B31",
        Tone.MOVING: "#7A5208",
        Tone.STOPPED: "#46515C",
        Tone.GONE: "#2B3641",
        Tone.FAILED: "#8C2A2A",
    },
}
"""The same hues behind words in table cells, where Streamlit writes black on light and white on dark fills."""

PURCHASE_OPTION_COLOURS: dict[Theme, dict[PurchaseOption, str]] = {
    "light": {
        PurchaseOption.ON_DEMAND: "#2483E8",
        PurchaseOption.RESERVED: "#26757A",
        PurchaseOption.SAVINGS_PLAN: "#1D2670",
        PurchaseOption.SPOT: "#7A24B0",
    },
    "dark": {
        PurchaseOption.ON_DEMAND: "#7CABF7",
        PurchaseOption.RESERVED: "#96E7F1",
        PurchaseOption.SAVINGS_PLAN: "#6A6DF5",
        PurchaseOption.SPOT: "#A86FC4",
    },
}

SERIES_COLOURS: dict[Theme, tuple[str, ...]] = {
    "light": ("#1E3A5F", "#B5477F", "#7D6A00", "#5C7C95", "#8A4B2D"),
    "dark": ("#B9CFE8", "#E58DB9", "#C9B458", "#6F93B0", "#C58A6B"),
}
"""For things that have no meaning of their own (owners, kinds, hosts): none of the hues above."""

PATTERNS: dict[Tone, str] = {Tone.HEALTHY: "", Tone.MOVING: "/", Tone.STOPPED: ".", Tone.GONE: "", Tone.FAILED: "x"}
"""The second channel of a state in charts; a forecast is hatched with `FORECAST_PATTERN`."""

FORECAST_PATTERN = "/"


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 to 1 (WCAG 2.2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on `fill`."""
    return max(("#FFFFFF", "#10161D"), key=lambda ink: contrast(ink, fill))


ACCOUNT_COLOURS: dict[AccountColour, str] = {
    "crimson": "#B00F3A",
    "orange": "#A84300",
    "olive": "#5F6300",
    "teal": "#00696B",
    "violet": "#7121A8",
    "pink": "#AD1F72",
}
"""What a real account's mark is filled with, in both themes; white reads on each. None is the ink-blue of actions."""


def account_colour(key: str, wanted: AccountColour | None) -> AccountColour:
    """The one asked for, else always the same one for an account."""
    names: tuple[AccountColour, ...] = get_args(AccountColour)
    return wanted or names[hashlib.sha256(key.encode()).digest()[0] % len(names)]
