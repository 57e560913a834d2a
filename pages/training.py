"""Training: every job of this region, what it billed, its logs and metrics, and a way to stop or deploy it."""

from pages.ui import guard, resources, show
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure
from pages.ui.resources import ResourcePage
from pages.ui.text import plain, t
from pages.ui.training_detail import draw_training
from services.known import Inventory
from services.rates import ZERO

guard.require_entry()


def _sentence(known: Inventory) -> str:
    return t("training.sentence", count=sum(job.runs for job in known.trainings), total=len(known.trainings))


def _figures(known: Inventory) -> list[Figure]:
    billed = sum((job.billed_usd or ZERO for job in known.trainings), ZERO)
    failed = sum(job.status == "Failed" for job in known.trainings)
    return [
        Figure(plain("training.burn"), show.rate(sum((job.burn for job in known.trainings), ZERO))),
        Figure(plain("training.running"), str(sum(job.runs for job in known.trainings))),
        Figure(plain("training.billed"), show.money(billed), help=plain("training.billed_help")),
        Figure(plain("training.failed"), str(failed)),
    ]


resources.draw(
    ResourcePage(
        page="training",
        kind="training",
        icon=":material/model_training:",
        source="trainings",
        rows=lambda known: known.trainings,
        columns=(
            Column("name", "tables.name", Kind.NAME),
            Column("status", "tables.state", Kind.STATE),
            Column("instance_type", "tables.instance_type", help="glossary.instance_type"),
            Column("instance_count", "tables.count", Kind.NUMBER, help="glossary.instance"),
            Column("billable_seconds", "training.billable", Kind.DURATION, help="training.billable_help"),
            Column("billed_usd", "tables.usd", Kind.USD, help="training.billed_help"),
            Column("created", "tables.created", Kind.TIME),
        ),
        figures=_figures,
        sentence=_sentence,
        sort="-created",
    ),
    draw_training,
)
