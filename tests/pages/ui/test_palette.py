"""Colours that everybody can read and tell apart, and that mean the same everywhere."""

import itertools
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pages.ui import palette
from pages.ui.palette import PurchaseOption, Theme, Tone, contrast

THEMES: tuple[Theme, ...] = ("light", "dark")
CONFIG: dict[str, Any] = tomllib.loads(Path(".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]

# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
JUST_NOTICEABLE = 0.02
"""In Oklab; what carries meaning must differ by several times that."""


def oklab(colour: str, sight: str) -> npt.NDArray[np.float64]:
    """`#RRGGBB` as seen with `sight`, in Oklab (Ottosson 2020)."""
    srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(SIGHT[sight] @ linear, 0, 1)
    cones = np.cbrt(
        np.array([[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]) @ seen
    )
    lab: npt.NDArray[np.float64] = (
        np.array([[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]) @ cones
    )
    return lab


def nearest(colours: Iterable[str], sights: Iterable[str] = SIGHT) -> float:
    """The least distance of any two of them, for any of these eyes."""
    pairs = list(itertools.combinations(colours, 2))
    return min(
        float(np.linalg.norm(oklab(one, sight) - oklab(other, sight))) for sight in sights for one, other in pairs
    )


@pytest.mark.parametrize("theme", THEMES)
def test_shapes_stand_out_from_both_surfaces(theme: Theme) -> None:
    shapes = [
        *palette.STATE_COLOURS[theme].values(),
        *palette.PURCHASE_OPTION_COLOURS[theme].values(),
        *palette.SERIES_COLOURS[theme],
        palette.ACCENT[theme],
    ]
    assert {
        (shape, s): contrast(shape, s) for shape in shapes for s in palette.SURFACES[theme] if contrast(shape, s) < 3
    } == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_are_readable(theme: Theme) -> None:
    ours = CONFIG[theme]
    surfaces = palette.SURFACES[theme]
    pairs = [(ink, s) for ink in (palette.INK[theme], palette.MUTED[theme], ours["linkColor"]) for s in surfaces]
    pairs += [
        (ours[f"{hue}TextColor"], ours[f"{hue}BackgroundColor"])
        for hue in ("red", "orange", "yellow", "blue", "green", "violet", "gray")
    ]
    pairs += [("#FFFFFF", palette.ACCENT[theme])]
    pairs += [(palette.ink_on(fill), fill) for fill in palette.STATE_COLOURS[theme].values()]
    pairs += [("#000000" if theme == "light" else "#FFFFFF", fill) for fill in palette.CHIP_FILLS[theme].values()]
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}


def faded(ink: str, surface: str) -> str:
    """As Streamlit writes captions: six tenths of the ink."""
    channels = ((int(ink[at : at + 2], 16), int(surface[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(over * 0.6 + under * 0.4):02X}" for over, under in channels)


@pytest.mark.parametrize("theme", THEMES)
def test_captions_are_readable(theme: Theme) -> None:
    ink = palette.INK[theme]
    assert min(contrast(faded(ink, surface), surface) for surface in palette.SURFACES[theme]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_meanings_stay_apart_for_colour_blind_eyes(theme: Theme) -> None:
    assert nearest(palette.STATE_COLOURS[theme].values()) > 2.5 * JUST_NOTICEABLE
    assert nearest(palette.PURCHASE_OPTION_COLOURS[theme].values()) > 4 * JUST_NOTICEABLE


@pytest.mark.parametrize("theme", THEMES)
def test_no_colour_has_two_meanings(theme: Theme) -> None:
    states, options = palette.STATE_COLOURS[theme].values(), palette.PURCHASE_OPTION_COLOURS[theme].values()
    apart = [nearest(pair, ["usual"]) for pair in itertools.product(states, options)]
    assert min(apart) > 4 * JUST_NOTICEABLE


@pytest.mark.parametrize("theme", THEMES)
def test_every_meaning_has_its_colour(theme: Theme) -> None:
    assert list(palette.STATE_COLOURS[theme]) == list(Tone)
    assert list(palette.CHIP_FILLS[theme]) == list(Tone)
    assert list(palette.PURCHASE_OPTION_COLOURS[theme]) == list(PurchaseOption)
    assert list(palette.PATTERNS) == list(Tone)


@pytest.mark.parametrize("theme", THEMES)
def test_streamlit_is_told_the_same_colours(theme: Theme) -> None:
    ours = CONFIG[theme]
    tones = palette.STATE_COLOURS[theme]
    assert (ours["backgroundColor"], ours["secondaryBackgroundColor"]) == palette.SURFACES[theme]
    assert ours["primaryColor"] == palette.ACCENT[theme]
    assert ours["textColor"] == palette.INK[theme]
    assert (ours["greenColor"], ours["orangeColor"], ours["redColor"]) == (
        tones[Tone.HEALTHY],
        tones[Tone.MOVING],
        tones[Tone.FAILED],
    )
    assert ours["blueColor"] == palette.PURCHASE_OPTION_COLOURS[theme][PurchaseOption.ON_DEMAND]
    assert ours["violetColor"] == palette.PURCHASE_OPTION_COLOURS[theme][PurchaseOption.SPOT]
    assert tuple(ours["chartCategoricalColors"]) == palette.SERIES_COLOURS[theme]


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


def test_nothing_is_fetched_from_elsewhere_and_the_font_is_here() -> None:
    faces = CONFIG["fontFaces"]
    assert {face["family"] for face in faces} == {"Flightdeck Sans"}
    for face in faces:
        assert Path(face["url"].removeprefix("app/")).is_file()
    assert "http" not in Path(".streamlit/config.toml").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in Path("static/fonts/OFL.txt").read_text(encoding="utf-8")


def test_a_real_accounts_mark_can_be_read_and_is_no_action() -> None:
    colours = palette.ACCOUNT_COLOURS
    assert {name: colour for name, colour in colours.items() if contrast("#FFFFFF", colour) < 4.5} == {}
    for theme in THEMES:
        assert min(nearest((colour, palette.ACCENT[theme]), ("usual",)) for colour in colours.values()) > 0.1


def test_an_account_keeps_its_colour_and_may_have_the_one_it_wants() -> None:
    assert palette.account_colour("prod", None) == palette.account_colour("prod", None)
    assert palette.account_colour("prod", "teal") == "teal"
    assert {palette.account_colour(f"account-{number}", None) for number in range(60)} == set(palette.ACCOUNT_COLOURS)
