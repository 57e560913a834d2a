"""The plan that stops a Studio app: AWS has no stop for one, it is deleted, and what was saved stays."""

from services import rates
from services.plans import Act, Call, Effect, Plan
from services.spenders import Spender


def plan_stop(app: Spender, space: Spender | None = None) -> Plan:
    """What deleting an app does. `space` is the space it runs in: its volume goes on billing.

    docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteApp.html
    """
    return Plan(
        act=Act.STOP,
        kind="app",
        name=app.name,
        region=app.region,
        calls=(Call("sagemaker", "delete_app", dict(app.names)),),
        effect=Effect(
            saves_usd_per_hour=app.burn,
            goes_on_usd_per_hour=rates.ZERO if space is None else space.burn,
            keeps=("space_volume",) if app.app_type in ("JupyterLab", "CodeEditor") else ("studio_home",),
            loses=("running_kernels",),
        ),
        prices=app.parts(),
    )
