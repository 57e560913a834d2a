"""Choices that live in the URL in words of no language, so that a link reads the same to everybody."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Literal

import streamlit as st

from pages.ui.text import language


def choice(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str,
    format_func: Callable[[str], str],
    width: int | Literal["stretch"] = "stretch",
    widget: str = "",
    labelled: bool = False,
    help: str | None = None,
    disabled: bool = False,
) -> str:
    """A drop-down whose URL parameter `key` holds the option itself, where Streamlit's own binding writes its label.

    `widget` tells drop-downs of one parameter apart that are never on the screen together.
    """
    asked = st.query_params.get(key, default)
    # In another language it is another widget: the browser holds on to labels it no longer finds.
    name = f"{widget or key}_{language()}"

    return st.selectbox(
        label,
        options,
        index=options.index(asked) if asked in options else options.index(default),
        format_func=format_func,
        key=name,
        on_change=_write,
        args=(key, name, default),
        label_visibility="visible" if labelled else "collapsed",
        help=help,
        disabled=disabled,
        width=width,
    )


def choices(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    format_func: Callable[[str], str],
    placeholder: str,
    width: int | Literal["stretch"] = "stretch",
) -> tuple[str, ...]:
    """As `choice`, of several: `key` holds the options with commas between, and none chosen is no limit."""
    asked = st.query_params.get(key, "").split(",")
    name = f"{key}_{language()}"
    chosen: list[str] = st.multiselect(
        label,
        options,
        default=[option for option in options if option in asked],
        format_func=format_func,
        key=name,
        on_change=_write_all,
        args=(key, name),
        label_visibility="collapsed",
        placeholder=placeholder,
        width=width,
    )
    return tuple(chosen)


def _write_all(key: str, widget: str) -> None:
    chosen = st.session_state[widget]
    if chosen:
        st.query_params[key] = ",".join(chosen)
    else:
        st.query_params.pop(key, None)


def switch(
    label: str, options: Sequence[str], *, key: str, format_func: Callable[[str], str], help: str | None = None
) -> str:
    """A few options side by side, the first of them by default; otherwise as `choice`."""
    asked = st.query_params.get(key, options[0])
    name = f"{key}_{language()}"

    return str(
        st.segmented_control(
            label,
            options,
            default=asked if asked in options else options[0],
            required=True,
            # As tabs are: the accent is too dark for words on dark.
            format_func=lambda option: f":gray[{format_func(option)}]",
            key=name,
            on_change=_write,
            args=(key, name, options[0]),
            help=help,
        )
    )


def number(
    label: str,
    least: float,
    most: float,
    default: float,
    *,
    key: str,
    step: float = 1,
    help: str | None = None,
    slides: bool = False,
    unit: str = "",
) -> float:
    """A number within bounds whose URL parameter is `key`; whole where its step is. What a link has beyond them is
    brought within. `slides`: a slider, with its `unit` behind the number."""
    whole = float(step).is_integer()
    kind = int if whole else float
    asked = _number(st.query_params.get(key, ""), default)
    value = kind(min(max(asked, least), most))
    bounds = {"min_value": kind(least), "max_value": kind(most), "value": value, "step": kind(step)}
    draw: Callable[..., float] = st.slider if slides else st.number_input
    shape = {"format": f"%{'d' if whole else 'g'}{unit.replace('%', '%%')}"}
    # Of the language: another language's widget begins with what the address says.
    name = f"{key}_{language()}"
    return draw(label, **bounds, **shape, key=name, on_change=_write_number, args=(key, name, default), help=help)


def _number(text: str, default: float) -> float:
    try:
        asked = float(text)
    except ValueError:
        return default
    return asked if isfinite(asked) else default


def _write_number(key: str, widget: str, default: float) -> None:
    chosen = st.session_state[widget]
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = f"{chosen:g}"


def _write(key: str, widget: str, default: str) -> None:
    chosen = st.session_state[widget]
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen


def keep(*keys: str) -> None:
    """Hold what a link or a switch chose for the whole session and in the URL: going to another page empties it."""
    for key in keys:
        chosen = st.session_state.get(key) or st.query_params.get(key)
        if chosen:
            st.session_state[key] = chosen
            if st.query_params.get(key) != chosen:
                st.query_params[key] = chosen
