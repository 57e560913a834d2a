"""The parts every page is put together from: its head, its figures, its empty state, its waiting shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.formats import MINUS
from pages.ui.text import escape

MOST_FIGURES = 4
SIGNS = f"+{MINUS}"
FIGURE_PX, CHANGING_PX = 86, 108
"""As tall as Streamlit draws a figure on one line, without and with its change."""
LOOKED = "layout.looked"
"""Session key: a page was drawn, and the browser has the scripts of what pages are made of."""
_seen = st.components.v2.component(
    "flightdeck.seen",
    js="export default ({ setTriggerValue }) => { requestIdleCallback(() => setTriggerValue('seen', true)); };",
)
"""Says so when the browser has drawn it and has nothing else to do."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit: `value` as `pages.ui.show` writes it, `change` by how much and since when."""

    label: str
    value: str
    help: str | None = None
    change: str | None = None
    """Such as `+$0.41/h since noon`; only what begins with + or − gets an arrow."""
    more_is: Literal["good", "bad", "neutral"] = "neutral"


def page_header(title: str, sentence: str, *, help: str | None = None) -> DeltaGenerator:
    """A noun, explained on hover, and what is true now; returns the place on the right for the page's primary action:

    with page_header(t("notebooks.title"), t("notebooks.now", count=3)):
        st.button(t("notebooks.launch"), type="primary", icon=":material/add:")
    """
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(gap="xxsmall", width="content"):
            st.title(title, anchor=False, help=help)
            st.markdown(sentence)
        return st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", width="content")


def figures(row: Sequence[Figure], *, first_look: bool = False) -> None:
    """At most four figures side by side, two by two on a narrow screen; at a first look as text in the same places.

    Raises: ValueError for more.
    """
    if len(row) > MOST_FIGURES:
        raise ValueError(f"at most {MOST_FIGURES} figures in a row")
    colours: dict[str, Literal["normal", "inverse", "off"]] = {"good": "normal", "bad": "inverse", "neutral": "off"}
    grid = st.grid(len(row), min_column_width=150, gap="small")
    height = CHANGING_PX if any(figure.change for figure in row) else FIGURE_PX
    for figure in row:
        if first_look:
            with grid.container(border=True, gap="xxsmall", height=height):
                change = [f":small[{escape(figure.change)}]"] if figure.change else []
                st.markdown("\n\n".join([figure.label, f"**{escape(figure.value)}**", *change]))
            continue
        grid.metric(
            figure.label,
            escape(figure.value),
            delta=escape(figure.change.replace(MINUS, "-", 1)) if figure.change else None,
            delta_color=colours[figure.more_is],
            delta_arrow="auto" if figure.change and figure.change[0] in SIGNS else "off",
            help=figure.help,
            border=True,
            height="stretch",
        )


def empty_state(icon: str, sentence: str) -> DeltaGenerator:
    """What would be here and how to get it; returns the place for the action:

    with empty_state(":material/laptop_mac:", t("notebooks.none")):
        st.button(t("notebooks.launch"), type="primary")
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"# :gray[{icon}]", width="content", anchors=False)
        st.markdown(sentence, width="content", text_alignment="center")
        place = st.container(horizontal=True, horizontal_alignment="center")
        st.space("small")
    return place


def tabs(labels: Sequence[str]) -> Sequence[DeltaGenerator]:
    """Tabs that read in both themes: Streamlit writes the open one in the accent, which is too dark for words on dark.
    The bar below says which is open."""
    return st.tabs([f":gray[{label}]" for label in labels])


def waiting(shape: Literal["figures", "table", "chart"]) -> DeltaGenerator:
    """The shape of what comes; returns a container to fill, which the shape leaves when something is written there."""
    heights = {"figures": 112, "table": 320, "chart": 300}
    return st.skeleton(height=heights[shape])


def is_first_look() -> bool:
    """Whether this is a session's first run: what a page draws then needs no script of its own, since the browser shows
    what does half a second later. Follow it with `look_again`."""
    return not st.session_state.get(LOOKED)


def look_again() -> None:
    """Have this fragment drawn anew as soon as the browser has drawn what came before."""
    # Without a callback a component's word would start no run.
    _seen(key="layout-seen", on_seen_change=lambda: None)
