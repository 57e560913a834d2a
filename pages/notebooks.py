"""Notebooks: what runs in this region, what it costs, and a way to open, stop, start, resize and delete it."""

from pages.ui import guard, resources, show
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure
from pages.ui.notebook_detail import draw_notebook
from pages.ui.resources import ResourcePage
from pages.ui.text import plain, t
from services.known import Inventory
from services.rates import ZERO

guard.require_entry()


def _sentence(known: Inventory) -> str:
    running = sum(row.can_stop for row in known.notebooks)
    return t("notebooks.sentence", count=running, total=len(known.notebooks))


def _figures(known: Inventory) -> list[Figure]:
    unguarded = [row for row in known.notebooks if row.can_stop and row.arn not in known.guards]
    burn = sum((row.burn for row in known.notebooks), ZERO)
    return [
        Figure(plain("notebooks.burn"), show.rate(burn), help=plain("notebooks.burn_help")),
        Figure(plain("notebooks.running"), str(sum(row.can_stop for row in known.notebooks))),
        Figure(plain("notebooks.unguarded"), str(len(unguarded)), help=plain("notebooks.unguarded_help")),
    ]


resources.draw(
    ResourcePage(
        page="notebooks",
        kind="notebook",
        icon=":material/laptop_mac:",
        source="notebooks",
        rows=lambda known: known.notebooks,
        columns=(
            Column("name", "tables.name", Kind.NAME),
            Column("status", "tables.state", Kind.STATE),
            Column("instance_type", "tables.instance_type", help="glossary.instance_type"),
            Column("burn", "tables.usd_per_hour", Kind.USD_PER_HOUR, help="notebooks.burn_help"),
            Column("volume_gib", "notebooks.volume", Kind.NUMBER, help="glossary.volume"),
            Column("changed", "tables.changed", Kind.TIME),
        ),
        figures=_figures,
        sentence=_sentence,
        sort="-changed",
        guarded=lambda row: row.can_stop,
        used=lambda row: row.can_stop,
    ),
    draw_notebook,
)
