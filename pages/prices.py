"""Prices: hardware asked for in words, every way to buy it in every region, the cheapest month first."""

import streamlit as st

from pages.ui import (
    dialogs,
    exports,
    guard,
    market_reads,
    offer_detail,
    offer_words,
    price_sources,
    rate_maps,
    region_filter,
    session,
    show,
    urls,
)
from pages.ui.columns import Column, Kind
from pages.ui.formats import day
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.offer_words import NEEDS, USES
from pages.ui.tables import open_one
from pages.ui.text import language, plain, t
from services import catalogue, offer_rates
from services.offers import Found, Offer, Wanted

guard.require_entry()

COLUMNS = (
    Column("instance_type", "tables.instance_type", Kind.NAME, help="glossary.instance_type"),
    Column("region", "prices.column_region", value=lambda row: offer_words.place(row.region), help="glossary.region"),
    Column("option", "prices.column_option", value=offer_words.option, help="glossary.purchase_option"),
    Column("month_usd", "prices.column_month", Kind.USD, help="prices.column_month_help"),
    Column("effective_usd_per_hour", "prices.column_rate", Kind.USD_PER_HOUR, help="prices.column_rate_help"),
    Column("hardware", "prices.column_hardware", value=offer_words.hardware),
    Column("left", "prices.column_left", Kind.NUMBER, help="prices.column_left_help"),
    Column("use", "prices.use", value=offer_words.use),
    Column("sure", "prices.column_sure", help="prices.column_sure_help", value=lambda row: _sure(row)),
)


def _sure(offer: Offer) -> str:
    return plain("prices.sure", sure=offer_words.sureness(offer.confidence), day=day(offer.as_of, language()))


@st.cache_data(show_spinner=False)
def _bare_types() -> tuple[str, ...]:
    """Hardware by EC2's names, which stand for SageMaker's as well."""
    return tuple(name for name in catalogue.names() if not name.startswith("ml."))


def _ask() -> Wanted:
    """The line of filters, all of it in the URL."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        need = urls.choice(
            t("prices.need"),
            tuple(NEEDS),
            key="need",
            default="gpu24",
            format_func=lambda each: plain(f"prices.need_{each}"),
            labelled=True,
            width=270,
        )
        use = urls.choice(
            t("prices.use"),
            tuple(USES),
            key="use",
            default="training",
            format_func=lambda each: plain(f"prices.use_{each}"),
            labelled=True,
            width=230,
        )
        hours = st.number_input(
            t("prices.hours"), 1, 744, 200, key="hours", bind="query-params", help=t("prices.hours_help"), width=140
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        regions = region_filter.choose()
        options = urls.choices(
            t("prices.options"),
            offer_rates.PURCHASE_OPTIONS,
            key="options",
            format_func=lambda each: plain(f"prices.option_{each}"),
            placeholder=plain("prices.all_options"),
            width=300,
        )
        types = urls.choices(
            t("tables.instance_type"),
            _bare_types(),
            key="types",
            format_func=str,
            placeholder=plain("prices.all_types"),
            width=200,
        )
        known = ", ".join(sorted({offer_words.city(room.region) for room in market_reads.rooms()}))
        with_quota = st.toggle(
            t("prices.with_quota"),
            key="with_quota",
            bind="query-params",
            help=t("prices.with_quota_help", regions=known or plain("prices.not_there")),
            width="content",
        )
    asked = {**NEEDS[need], **USES[use]}
    named = tuple(each for name in types for each in (name, f"ml.{name}") if catalogue.knows(each))
    return Wanted(
        hours=int(hours),
        regions=regions,
        purchase_options=options,
        instance_types=named,
        with_quota_only=with_quota,
        **asked,
    )


def _clear() -> None:
    """Back to what the page asks by itself."""
    for key in ("need", "use", "hours", "regions", "options", "types", "with_quota"):
        st.query_params.pop(key, None)
        for widget in (key, f"{key}_{language()}"):
            st.session_state.pop(widget, None)


def _sentence(found: Found, hours: int) -> str:
    if not found.offers:
        return t("prices.sentence_none")
    best = found.offers[0]
    return t(
        "prices.sentence",
        hours=str(hours),
        type=best.instance_type,
        city=offer_words.city(best.region),
        option=offer_words.option(best),
        money=show.money(best.month_usd),
    )


def _figures(found: Found, steady: Offer | None, here: Offer | None) -> list[Figure]:
    best, nowhere = found.offers[0], plain("prices.not_there")
    return [
        Figure(plain("prices.cheapest"), show.money(best.month_usd), help=_of("cheapest", best)),
        Figure(
            plain("prices.steady"),
            show.money(steady.month_usd) if steady else nowhere,
            help=_of("steady", steady) if steady else None,
        ),
        Figure(
            plain("prices.home", city=offer_words.city(session.region())),
            show.money(here.month_usd) if here else nowhere,
            help=_of("home", here) if here else None,
        ),
        Figure(plain("prices.found"), f"{found.total:,}", help=plain("prices.found_help")),
    ]


def _of(figure: str, offer: Offer) -> str:
    return plain(
        f"prices.{figure}_help",
        type=offer.instance_type,
        city=offer_words.city(offer.region),
        option=offer_words.option(offer),
    )


def _draw_table(found: Found) -> None:
    # Of one use, the filter says it.
    several = len({offer.component for offer in found.offers}) > 1
    columns = [column for column in COLUMNS if several or column.key != "use"]
    opened = open_one(
        found.offers, columns, key="offer", what=plain("prices.table"), sort="month_usd", row_id=lambda one: one.id
    )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        more = found.total > len(found.offers)
        st.caption(t("prices.shown_of", shown=len(found.offers), total=found.total) if more else "", width="content")
        exports.parquet(found.offers, key="offers")
    if opened is not None:
        dialogs.show(opened.instance_type, offer_detail.draw_offer, opened)


def draw() -> None:
    """All of the page: what is asked stands above what was found, so the head is filled in last."""
    head = st.container()
    with session.shown_errors():
        wanted = _ask()
        found = market_reads.search_offers(wanted)
        with head, page_header(t("prices.title"), _sentence(found, wanted.hours)):
            if found.offers:
                offer_detail.draw_head(found.offers)
        if not found.offers:
            with empty_state(
                ":material/search_off:", t("prices.none_room" if wanted.with_quota_only else "prices.none")
            ):
                st.button(t("prices.clear"), key="clear_prices", on_click=_clear)
            return
        cheapest = market_reads.search_offers(wanted, most=5_000).offers
        steady = next((one for one in cheapest if one.purchase_option not in ("spot", "managed_spot")), None)
        here = next((one for one in cheapest if one.region == session.region()), None)
        figures(_figures(found, steady, here))
        rate_maps.draw(cheapest, wanted.regions)
        _draw_table(found)
        price_sources.draw()


draw()
