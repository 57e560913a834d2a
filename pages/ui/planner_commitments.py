"""What the planner may commit to, and the what-ifs of its purchase mix."""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from pages.ui.text import explain, plain, t
from pages.ui.urls import choice, number
from services.mix_models import OFFERING_CLASSES, Allowed
from services.offer_rates import COMPUTE_PLAN, RESERVED, SAGEMAKER_PLAN, SAVINGS_PLANS

COMMITMENTS: Mapping[str, frozenset[str]] = {
    "all": frozenset({RESERVED, *SAVINGS_PLANS}),
    "plans": frozenset(SAVINGS_PLANS),
    "reserved": frozenset({RESERVED, SAGEMAKER_PLAN}),
    "convertible": frozenset({RESERVED, SAGEMAKER_PLAN}),
    "flexible": frozenset({COMPUTE_PLAN, SAGEMAKER_PLAN}),
    "none": frozenset(),
}
CLASSES = {"convertible": frozenset({"convertible"})}
"""Where not both offering classes will do."""
PAYMENTS: Mapping[str, frozenset[str]] = {
    "any": frozenset({"no_upfront", "partial_upfront", "all_upfront"}),
    "half": frozenset({"no_upfront", "partial_upfront"}),
    "none": frozenset({"no_upfront"}),
}


def ask() -> tuple[Decimal, Allowed, Decimal]:
    """How much more or less is used than was given, what is allowed, and by how much usage drops in the what-if."""
    options, years, payments = _ask_commitments()
    what_if = st.grid(4, min_column_width=150)
    with what_if.container():
        times = _percent("times", 10, 300, 100, help=t("planner.times_help"))
    with what_if.container():
        spot = _percent("interruptible", 0, 100, 0, help=f"{explain('spot')} {t('planner.interruptible_help')}")
    with what_if.container():
        overhead = _percent("overhead", 0, 50, 5, help=t("planner.overhead_help"))
    with what_if.container():
        drops = _percent("drop", 5, 95, 30, help=t("planner.drop_help"))
    allowed = Allowed(
        purchase_options=COMMITMENTS[options],
        longest_term_years=int(years),
        payment_options=PAYMENTS[payments],
        offering_classes=CLASSES.get(options, OFFERING_CLASSES),
        interruptible_share=spot,
        spot_overhead=overhead,
    )
    return times, allowed, drops


def _percent(key: str, least: int, most: int, default: int, *, help: str) -> Decimal:
    label = t(f"planner.{key}")
    return Decimal(int(number(label, least, most, default, key=key, step=5, slides=True, unit=" %", help=help))) / 100


def _ask_commitments() -> tuple[str, str, str]:
    row = st.grid(3, min_column_width=150)
    with row.container():
        options = choice(
            t("planner.commit"),
            tuple(COMMITMENTS),
            key="commit",
            default="all",
            format_func=lambda each: plain(f"planner.commit_{each}"),
            labelled=True,
            help=f"{explain('reserved')} {explain('savings_plan')}",
        )
    with row.container():
        years = choice(
            t("planner.term"),
            ("1", "3"),
            key="years",
            default="1",
            format_func=lambda each: plain("planner.years", count=int(each)),
            labelled=True,
            help=t("planner.term_help"),
        )
    with row.container():
        payments = choice(
            t("planner.payment"),
            tuple(PAYMENTS),
            key="pay",
            default="any",
            format_func=lambda each: plain(f"planner.pay_{each}"),
            labelled=True,
            help=t("planner.payment_help"),
        )
    return options, years, payments
