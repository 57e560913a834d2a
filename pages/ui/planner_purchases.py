"""How the planner's mix would be bought, by its owner and not from here, and what its rates rest on."""

import streamlit as st

from pages.ui import show
from pages.ui.formats import percent
from pages.ui.text import Safe, escape, plain, t
from services import mix_documents
from services.figures import Confidence
from services.offer_rates import RESERVED
from services.purchase_mixes import Commitment, Drop, Mix
from services.purchase_rates import Rate
from services.usages import Usage


def draw_commitments(mix: Mix, lower: Drop, usage: Usage) -> None:
    """Each commitment with its commands and its console page; the whole plan as a file."""
    if mix.commitments:
        with st.expander(t("planner.buy", count=len(mix.commitments)), icon=":material/shopping_cart:"):
            st.caption(t("planner.buy_help"))
            for each in mix.commitments:
                _draw(each)
    st.download_button(
        t("planner.download"),
        data=lambda: mix_documents.as_json(mix, lower, usage),
        file_name="flightdeck-purchase-mix.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _draw(each: Commitment) -> None:
    st.markdown(f"**{words(each)}**")
    st.caption(
        t(
            "planner.bought",
            rate=show.rate(each.usd_per_hour),
            now=show.money(each.upfront_usd),
            used=percent(each.used_share),
        )
    )
    st.code("\n".join(mix_documents.commands(each)), language="bash", wrap_lines=True)
    st.link_button(
        t("planner.console"), mix_documents.console_address(each), icon=":material/open_in_new:", type="tertiary"
    )


def words(each: Commitment) -> Safe:
    """`2 × g5.xlarge reserved for a year, all paid at once`, `$3.20/h EC2 Instance Savings Plan ...`."""
    key = "planner.bought_reserved" if each.purchase_option == RESERVED else "planner.bought_plan"
    return t(
        key,
        quantity=str(each.quantity) if each.purchase_option == RESERVED else show.rate(each.quantity),
        option=plain(f"planner.option_{each.purchase_option}"),
        scope=each.scope or plain("planner.everywhere"),
        years=plain("planner.years", count=each.term_years),
        payment=plain(f"planner.payment_{each.payment_option}"),
    )


def draw_evidence(mix: Mix) -> None:
    """What is not simply a listed price, once for each source and date; all of it open to look at."""
    rates = [item.rate for item in mix.model.items] + [rate for each in mix.commitments for rate in each.rates]
    lines = {_line(rate): rate.confidence for rate in rates}
    assumed = sum(confidence is not Confidence.LISTED for confidence in lines.values())
    if assumed:
        st.caption(f":material/info: {t('planner.assumes')}")
    with st.expander(t("planner.evidence"), icon=":material/fact_check:"):
        for line in sorted(lines):
            st.markdown(f"- {line}")
        st.caption(t("planner.spread_help"))
        st.caption(t("planner.month_help"))


def _line(rate: Rate) -> Safe:
    option = t(f"planner.option_{rate.purchase_option}")
    dated = t("plans.price_source", source=rate.source, day=rate.as_of.isoformat())
    said = f"{option}: {dated}"
    if rate.confidence is Confidence.LISTED:
        return Safe(said)
    note = f" ({escape(rate.note)})" if rate.note else ""
    return Safe(f"{said} · **{t(f'plans.confidence_{rate.confidence}')}**{note}")
