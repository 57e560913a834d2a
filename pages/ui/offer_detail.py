"""One offer in a dialog: what is paid when, what the hardware gives for it, where the price is from, and a launch."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

import streamlit as st

from pages.ui import details, dialogs, market_reads, offer_words, session, show
from pages.ui.charts.figures import Limit, draw
from pages.ui.charts.lines import Series, metric_lines
from pages.ui.formats import day, percent
from pages.ui.text import explain, language, plain, t
from services import comparisons, offers, spot_rates
from services.offers import Offer
from services.plans import Act

COMPARED = "offers"
"""URL key of the offers on the Compare page, with commas between."""
MOST_COMPARED = 5


def draw_offer(offer: Offer) -> None:
    """The inside of the dialog."""
    st.markdown(f"**{t('prices.option_in', option=offer_words.option(offer), city=offer_words.city(offer.region))}**")
    rate, hardware = show.rate(offer.effective_usd_per_hour), offer_words.hardware(offer)
    st.markdown(t("prices.rate_for", rate=rate, hardware=hardware))
    details.draw_configuration(_facts(offer))
    _draw_actions(offer)
    _draw_spot(offer)


def _facts(offer: Offer) -> dict[str, str]:
    per = {
        "prices.fact_upfront": show.money(offer.upfront_usd) if offer.upfront_usd else "",
        "prices.fact_hourly": show.rate(offer.usd_per_hour),
        "prices.fact_effective": show.rate(offer.effective_usd_per_hour) if offer.commits else "",
        "prices.fact_per_gpu": _rate(offer.usd_per_gpu_hour) if offer.gpu_count > 1 else "",
        "prices.fact_per_gb": _rate(offer.usd_per_gib_gpu_hour),
        "prices.fact_per_tflop": _rate(offer.usd_per_tflop_hour),
        "prices.fact_premium": _premium(offer),
        "prices.column_sure": plain(
            "prices.sure", sure=offer_words.sureness(offer.confidence), day=day(offer.as_of, language())
        ),
        "prices.fact_layer": plain(f"prices.layer_{offer.layer}"),
        "prices.fact_source": offer.source,
        "prices.fact_note": offer.note,
    }
    return {plain(key): value for key, value in per.items()}


def _rate(usd_per_hour: Decimal | None) -> str:
    return show.rate(usd_per_hour) if usd_per_hour is not None else ""


def _premium(offer: Offer) -> str:
    """What SageMaker adds to the bare instance, on demand."""
    if offer.service != "sagemaker" or offer.commits:
        return ""
    asked = offers.Wanted(
        regions=(offer.region,),
        instance_types=(offer.instance_type, offer.instance_type.removeprefix("ml.")),
        purchase_options=("on_demand",),
        offered_only=False,
    )
    added = comparisons.premium(market_reads.all_offers().search(asked).offers).get(offer.component)
    return "" if added is None or offer.purchase_option != "on_demand" else f"+{percent(added)}"


def draw_head(found: Sequence[Offer]) -> None:
    """The actions of a list, the cheapest first: its first that may be launched, and how the first may be paid for."""
    first = next((offer for offer in found if _may_launch(offer) and not offer.commits), None)
    if st.button(t("prices.compare_ways"), icon=":material/compare_arrows:", key="compare_ways"):
        open_comparison(*ways_to_pay(found[0]))
    if first is not None and st.button(
        t("prices.launch_cheapest"), type="primary", icon=":material/rocket_launch:", key="launch_cheapest"
    ):
        open_launch(first)


def _may_launch(offer: Offer) -> bool:
    form = offer_words.LAUNCHES.get(offer.component)
    return form is not None and offer.offered and session.may(Act.LAUNCH) and not session.read_only()


def _draw_actions(offer: Offer) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = t("prices.launch")
        if _may_launch(offer) and st.button(label, type="primary", icon=":material/rocket_launch:", key="launch_offer"):
            open_launch(offer)
        if st.button(t("prices.compare"), icon=":material/compare_arrows:", key="compare_offer"):
            open_comparison(offer)
    if offer.component not in offer_words.LAUNCHES:
        st.caption(t("prices.launch_none"))
    elif offer.commits:
        st.caption(t("prices.launch_covered"))


def open_launch(offer: Offer) -> None:
    """The launch form for what is offered, filled in, in its region."""
    chosen = {"kind": offer_words.LAUNCHES[offer.component], "type": offer.instance_type}
    if offer.purchase_option == "managed_spot":
        chosen["spot"] = "true"
    session.move_to(offer.region)
    dialogs.leave_for("pages/launch.py", **chosen)


def open_comparison(*added: Offer) -> None:
    """The Compare page with these offers after those that are compared already, the newest five of them."""
    kept = [each for each in st.session_state.get(COMPARED, "").split(",") if each]
    chosen = list(dict.fromkeys([*kept, *(offer.id for offer in added)]))[-MOST_COMPARED:]
    st.session_state[COMPARED] = ",".join(chosen)
    dialogs.leave_for("pages/compare.py", **{COMPARED: ",".join(chosen)})


def ways_to_pay(offer: Offer) -> tuple[Offer, ...]:
    """The cheapest of each way to pay for the same instance and use: on-demand, reserved, a savings plan, spot."""
    alike = [
        one
        for one in market_reads.all_offers().find(offer.instance_type, offer.region)
        if one.component == offer.component and one.purchase_option != "compute_savings_plan"
    ]
    best: dict[str, Offer] = {}
    for one in sorted(alike, key=lambda each: each.effective_usd_per_hour):
        best.setdefault(one.purchase_option, one)
    return tuple(best.values())[:MOST_COMPARED]


def _draw_spot(offer: Offer) -> None:
    """The bare instance's spot rate over time and how often it was taken back."""
    bare = offer.instance_type.removeprefix("ml.")
    known = spot_rates.spot_history(offer.region, bare)
    if offer.purchase_option not in ("spot", "managed_spot"):
        return
    if not known:
        st.caption(t("prices.spot_none"))
        return
    points = [(datetime.combine(price.as_of, time(), UTC), float(price.usd_per_hour)) for price in known]
    rates = [price.usd_per_hour for price in known]
    listed = next(
        (one.usd_per_hour for one in market_reads.all_offers().find(bare, offer.region, ("on_demand",))), None
    )
    title = plain(
        "prices.spot_title",
        type=bare,
        city=offer_words.city(offer.region),
        low=show.rate(min(rates)),
        high=show.rate(max(rates)),
    )
    limit = Limit(float(listed), plain("prices.option_on_demand")) if listed else None
    draw(
        metric_lines(
            [Series(bare, points)], title=title, unit=plain("prices.spot_unit"), value_text=show.rate, limit=limit
        ),
        key="spot_history",
    )
    advice = spot_rates.spot_advice(offer.region, bare)
    if advice:
        newest = advice[-1]
        when, saved = day(newest.as_of, language()), percent(newest.savings_pct / 100)
        words = t("prices.spot_interrupted", share=newest.interruption, day=when, saved=saved)
        st.caption(words, help=explain("spot"))
