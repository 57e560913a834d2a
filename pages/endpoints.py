"""Endpoints: what serves in this region, what it costs, a way to try, stop and restore it."""

from pages.ui import guard, resources, show
from pages.ui.columns import Column, Kind
from pages.ui.endpoint_detail import draw_endpoint, draw_restorables
from pages.ui.layout import Figure
from pages.ui.resources import ResourcePage
from pages.ui.text import plain, t
from services.known import Inventory
from services.rates import ZERO

guard.require_entry()


def _sentence(known: Inventory) -> str:
    return t("endpoints.sentence", count=sum(row.can_invoke for row in known.endpoints), total=len(known.endpoints))


def _figures(known: Inventory) -> list[Figure]:
    unguarded = [row for row in known.endpoints if row.can_stop and row.arn not in known.guards]
    return [
        Figure(plain("endpoints.burn"), show.rate(sum((row.burn for row in known.endpoints), ZERO))),
        Figure(plain("endpoints.serving"), str(sum(row.can_invoke for row in known.endpoints))),
        Figure(plain("endpoints.unguarded"), str(len(unguarded)), help=plain("endpoints.unguarded_help")),
    ]


def _types(row: object) -> str:
    return ", ".join(sorted({variant.instance_type for variant in getattr(row, "variants", ())}))


resources.draw(
    ResourcePage(
        page="endpoints",
        kind="endpoint",
        icon=":material/api:",
        source="endpoints",
        rows=lambda known: known.endpoints,
        columns=(
            Column("name", "tables.name", Kind.NAME),
            Column("status", "tables.state", Kind.STATE),
            Column("instance_type", "tables.instance_type", help="glossary.instance_type", value=_types),
            Column("burn", "tables.usd_per_hour", Kind.USD_PER_HOUR, help="endpoints.burn_help"),
            Column("changed", "tables.changed", Kind.TIME),
        ),
        figures=_figures,
        sentence=_sentence,
        sort="-changed",
        guarded=lambda row: row.can_stop,
        used=lambda row: row.can_invoke,
        below=draw_restorables,
    ),
    draw_endpoint,
)
