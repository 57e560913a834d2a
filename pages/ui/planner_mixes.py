"""The planner's first view: which commitments make a month of usage cheapest, and what if usage drops."""

from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from pages.ui import charts, exports, market_reads, planner_commitments, planner_purchases, planner_usages, show
from pages.ui.columns import Column, Kind
from pages.ui.formats import percent
from pages.ui.layout import Figure, figures
from pages.ui.palette import PurchaseOption
from pages.ui.tables import every
from pages.ui.text import Safe, plain, t
from services.caches import Cache
from services.figures import Confidence
from services.mix_pricings import Part
from services.offer_rates import COMPUTE_PLAN, EC2_INSTANCE_PLAN, RESERVED, SAGEMAKER_PLAN
from services.purchase_mixes import Drop, Mix, drop, find_mix
from services.purchase_rates import rates_of
from services.usages import Usage

KEPT = 64
UNPUBLISHED = frozenset({Confidence.ASSUMPTION, Confidence.ESTIMATED})
OPTIONS = {
    "on_demand": PurchaseOption.ON_DEMAND,
    "spot": PurchaseOption.SPOT,
    RESERVED: PurchaseOption.RESERVED,
    **dict.fromkeys((EC2_INSTANCE_PLAN, COMPUTE_PLAN, SAGEMAKER_PLAN), PurchaseOption.SAVINGS_PLAN),
}


@st.cache_resource(show_spinner=False)
def _mixes() -> Cache[Mix]:
    """The last mixes: going back to one takes no time."""
    return Cache(KEPT)


@st.cache_resource(show_spinner=False)
def _drops() -> Cache[Drop]:
    """What came of them when usage dropped."""
    return Cache(KEPT)


def draw() -> None:
    """All of the view."""
    # What it comes to is read first, on a narrow screen too, and what it comes from can be changed below it.
    top = st.container()
    usage = planner_usages.ask()
    if usage is None:
        return
    times, allowed, share = planner_commitments.ask()
    usage = usage if times == 1 else usage.times(times)

    rates = rates_of(market_reads.all_offers(), usage.lines)
    with top, st.spinner(t("planner.finding")):
        mix = _mixes().get((usage, allowed, rates), lambda: find_mix(usage, rates, allowed))
        lower = _drops().get((usage, allowed, rates, share), lambda: drop(mix, usage, rates, allowed, share))
    with top:
        st.header(_sentence(mix, lower), anchor=False)
        figures(_figures(mix, lower))
    _draw_picture(usage, mix)
    st.caption(_covered(mix))
    rows = _rows(usage, mix)
    every(rows, _columns(), what=plain("planner.table"))
    exports.download(rows, _columns(), key="planner_mix")
    planner_purchases.draw_commitments(mix, lower, usage)
    planner_purchases.draw_evidence(mix)


def _sentence(mix: Mix, lower: Drop) -> Safe:
    saving = mix.pricing.saving_usd
    if not mix.commitments:
        if saving:
            return t("planner.says_spot", saving=show.money(saving))
        return t("planner.says_nothing", cost=show.money(mix.pricing.usd))
    words = t(
        "planner.says",
        rate=show.money(sum((each.usd_per_hour for each in mix.commitments), Decimal(0))),
        count=max(each.term_years for each in mix.commitments),
        saving=show.money(saving),
    )
    return Safe(f"{words} {_after_drop(lower)}")


def _after_drop(lower: Drop) -> Safe:
    still, share = lower.kept.saving_usd, percent(lower.share)
    key = "planner.says_still" if still >= 0 else "planner.says_lose"
    return t(key, share=share, saving=show.money(abs(still)))


def _figures(mix: Mix, lower: Drop) -> list[Figure]:
    month, all_on_demand = mix.pricing, mix.pricing.on_demand_usd
    return [
        Figure(
            plain("planner.saving"),
            show.money(month.saving_usd),
            help=t("planner.saving_help", share=percent(month.saving_usd / all_on_demand)),
        ),
        Figure(
            plain("planner.cost"), show.money(month.usd), help=t("planner.cost_help", usd=show.money(all_on_demand))
        ),
        Figure(plain("planner.now"), show.money(mix.upfront_usd), help=t("planner.now_help")),
        Figure(
            plain("planner.regret", share=percent(lower.share)),
            show.money(lower.regret_usd),
            help=t("planner.regret_help", kept=show.money(lower.kept.usd), best=show.money(lower.best.usd)),
        ),
    ]


def _draw_picture(usage: Usage, mix: Mix) -> None:
    by_counts = {counts: _by_colour(filled) for counts, filled in mix.pricing.by_hour.items()}
    key = "planner.picture_spot" if any(p.purchase_option == "spot" for p in mix.pricing.parts) else "planner.picture"
    title = plain(key, share=percent(mix.coverage_by_hours))
    chart = charts.purchase_areas(
        usage.start, [by_counts[counts] for counts in usage.counts], title=title, unpublished=_unpublished(mix)
    )
    charts.draw(chart, key="planner_areas")


def _by_colour(filled: Mapping[str, Decimal]) -> dict[PurchaseOption, float]:
    sums: dict[PurchaseOption, float] = {}
    for option, count in filled.items():
        sums[OPTIONS[option]] = sums.get(OPTIONS[option], 0.0) + float(count)
    return sums


def _unpublished(mix: Mix) -> frozenset[PurchaseOption]:
    """The options that an estimated or assumed rate is part of."""
    bought = [(each.purchase_option, rate) for each in mix.commitments for rate in each.rates]
    return frozenset(OPTIONS[option] for option, rate in bought if rate.confidence in UNPUBLISHED)


def _covered(mix: Mix) -> str:
    said = [t("planner.coverage", hours=percent(mix.coverage_by_hours), cost=percent(mix.coverage_by_cost))]
    if mix.utilization_by_cost is not None:
        said.append(t("planner.utilization_cost", share=percent(mix.utilization_by_cost)))
    if mix.utilization_by_hours is not None:
        said.append(t("planner.utilization_hours", share=percent(mix.utilization_by_hours)))
    said.append(t("planner.proven", usd=show.money(mix.least_usd)))
    return " ".join(said)


def _columns() -> tuple[Column, ...]:
    return (
        Column("instance_type", "tables.instance_type", help="glossary.instance_type", value=lambda row: row[0]),
        Column("purchase_option", "planner.option", help="glossary.purchase_option", value=lambda row: row[1]),
        Column("instance_hours", "planner.instance_hours", Kind.NUMBER, value=lambda row: round(row[2].instance_hours)),
        Column("usd", "planner.month_cost", Kind.USD, help="planner.month_cost_help", value=lambda row: row[2].usd),
        Column(
            "on_demand_usd",
            "planner.on_demand_cost",
            Kind.USD,
            help="glossary.on_demand",
            value=lambda row: row[2].on_demand_usd,
        ),
    )


def _rows(usage: Usage, mix: Mix) -> list[tuple[str, str, Part]]:
    """The type, how it is paid for, and the part; the type that would cost most on demand first."""
    worth: dict[int, Decimal] = {}
    for part in mix.pricing.parts:
        worth[part.line] = worth.get(part.line, Decimal(0)) + part.on_demand_usd
    ordered = sorted(mix.pricing.parts, key=lambda part: -worth[part.line])
    return [(_name(usage, part.line), plain(f"planner.option_{part.purchase_option}"), part) for part in ordered]


def _name(usage: Usage, at: int) -> str:
    """The type, its component, and its region where there are several."""
    line = usage.lines[at]
    component = [plain(f"planner.component_{line.component}")] if line.component else []
    region = [line.region] if len({each.region for each in usage.lines}) > 1 else []
    return " · ".join([line.instance_type, *component, *region])
