"""The launch form of a training job: a shipped example, or the user's own script with its data."""

from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from pages.ui import instance_types, launching, session, show, urls
from pages.ui.launching import Desk
from pages.ui.text import escape, explain, language, t
from services import archives, buckets, catalogue, examples, images, training_plans, trainings, uploads
from services.errors import DeckError
from services.examples import Example
from services.images import ImageKind
from services.training_plans import TrainingWish, Upload

OWN = "own"
TORCH = "pytorch"
"""The framework whose scripts torchrun starts on every host."""
FIRST = "sklearn_surveillance"
SCRIPT = "example"
RUN_HOURS = ("0.25", "1", "4", "12", "24", "72")
FRAMEWORKS = {"sklearn": "1.9-0", "pytorch": "2.6.0", "xgboost": "3.0-5"}
"""Images offered for own scripts: framework → version, as `services.images` names them."""


@dataclass(frozen=True, slots=True)
class _Script:
    """What is to run: a packed source, the image it runs in, and what it is told."""

    title: str
    framework: str
    version: str
    entry_point: str
    source: Path
    digest: str
    default_type: str
    hosts: int
    volume_gib: int
    run_seconds: int
    distributed: bool = False
    example: str = ""
    hyperparameters: dict[str, str] = field(default_factory=dict)
    metrics: tuple[tuple[str, str], ...] = ()


def draw(where: Desk) -> None:
    form, review = st.columns([3, 2], gap="large")
    with form:
        script = _choose_script()
        if script is None:
            return
        # Of each script: what one proposes is not what another was changed to.
        key = script.example or OWN
        name = st.text_input(
            t("launch.name"), f"{script.title}-{where.suffix}", key=f"training_name_{key}", max_chars=63
        )
        chosen = instance_types.choose(where, trainings.COMPONENT, trainings.USAGE, script.default_type)
        with st.container(horizontal=True):
            hosts = st.number_input(
                t("launch.hosts"), 1, 20, script.hosts, key=f"training_hosts_{key}", help=t("launch.hosts_help")
            )
            volume = st.number_input(
                t("launch.volume"),
                1,
                16384,
                max(5, script.volume_gib),
                key=f"training_volume_{key}",
                help=explain("volume"),
            )
            hours = float(_longest_run())
        spot = st.toggle(t("launch.spot"), key="spot", bind="query-params", help=t("launch.spot_help"))
        tags = launching.ask_tags(where.cloud)
        files = _data()
    if files is None:
        return
    usage = trainings.SPOT_USAGE if spot else trainings.USAGE
    make_bucket = False
    with review, session.shown_errors():
        # Where S3 does not say, the plan is drawn all the same.
        make_bucket = where.profile.makes_bucket and not buckets.exists(where.cloud, where.profile.bucket)
    wish = TrainingWish(
        name=name.strip(),
        region=where.cloud.region,
        instance_type=chosen,
        instance_count=int(hosts),
        volume_gib=int(volume),
        max_run_seconds=int(hours * 3600),
        role_arn=where.profile.execution_role,
        image=_image(script, where.cloud.region, chosen),
        entry_point=script.entry_point,
        bucket=where.profile.bucket,
        source=script.source,
        source_digest=script.digest,
        uploads=files,
        hyperparameters=script.hyperparameters,
        metrics=script.metrics,
        distributed=script.distributed or int(hosts) > 1,
        spot=spot,
        max_wait_seconds=int(hours * 3600) * 2 if spot else None,
        example=script.example,
        make_bucket=make_bucket,
    )
    with review:
        around = launching.surroundings(where.cloud, usage, chosen, int(hosts), tags)
        launching.review_and_send(where, training_plans.plan_launch(wish, around, where.intent), "pages/training.py")


def _longest_run() -> str:
    return urls.choice(
        t("launch.max_run"),
        RUN_HOURS,
        key="longest_hours",
        default="1",
        format_func=lambda hours: show.duration(float(hours) * 3600),
        labelled=True,
        help=t("launch.max_run_help"),
    )


def _choose_script() -> _Script | None:
    # The one that trains in seconds and can be deployed comes first.
    shipped = {each.name: each for each in sorted(examples.list_examples(), key=lambda each: each.name != FIRST)}
    names = [*shipped, OWN]
    asked = st.query_params.get(SCRIPT, FIRST)
    widget = f"training_script_{language()}"
    chosen = st.radio(
        t("launch.script"),
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=lambda name: getattr(shipped[name].title, language()) if name in shipped else t("launch.own"),
        captions=[getattr(example.description, language()) for example in shipped.values()] + [t("launch.own_help")],
        key=widget,
        on_change=_remember_script,
        args=(widget,),
    )
    return _example(shipped[chosen]) if chosen in shipped else _own()


def _remember_script(widget: str) -> None:
    st.query_params[SCRIPT] = st.session_state[widget]
    # Another script proposes another type.
    st.query_params.pop("type", None)


def _example(example: Example) -> _Script:
    values = {}
    with st.expander(t("launch.hyperparameters", count=len(example.hyperparameters)), icon=":material/tune:"):
        for one in example.hyperparameters:
            key = f"hp_{example.name}_{one.name}"
            values[one.name] = st.text_input(
                escape(one.name), one.default, key=key, help=escape(getattr(one.help, language()))
            )
    path, digest = launching.staged(examples.package_source(example.folder), "sourcedir.tar.gz")
    return _Script(
        title=example.name.replace("_", "-"),
        framework=example.framework,
        version=example.framework_version,
        entry_point=example.entry_point,
        source=path,
        digest=digest,
        default_type=example.instance_type,
        hosts=example.instance_count,
        volume_gib=example.volume_gib,
        run_seconds=example.max_runtime_seconds,
        distributed=example.torchrun,
        example=example.name,
        hyperparameters=examples.chosen_hyperparameters(example, values),
        metrics=tuple((metric.name, metric.regex) for metric in example.metrics),
    )


def _own() -> _Script | None:
    sent = st.file_uploader(
        t("launch.source"), type=["py", "sh", "gz", "tgz", "zip"], key="own_source", help=t("launch.source_help")
    )
    framework = st.selectbox(
        t("launch.framework"), list(FRAMEWORKS), key="own_framework", help=t("launch.framework_help")
    )
    if sent is None:
        st.info(t("launch.source_wanted"), icon=":material/upload_file:")
        return None
    try:
        source = uploads.read_source(sent.name, sent.getvalue())
    except DeckError as error:
        session.show_error(error)
        return None
    entry_point = st.selectbox(t("launch.entry_point"), source.scripts, key="own_entry")
    path, digest = launching.staged(archives.pack(source.files), "sourcedir.tar.gz")
    return _Script("training", framework, FRAMEWORKS[framework], entry_point, path, digest, "ml.m5.large", 1, 10, 3600)


def _data() -> tuple[Upload, ...] | None:
    """The user's files; None when they cannot be used, which is said beside them."""
    with st.expander(t("launch.data"), icon=":material/database:"):
        channel = st.text_input(t("launch.channel"), "train", key="data_channel", help=t("launch.channel_help"))
        sent = st.file_uploader(t("launch.data_file"), key="data_file", help=t("launch.data_help"))
        if sent is None:
            return ()
        try:
            files = uploads.read_data(sent.name, sent.getvalue())
        except DeckError as error:
            session.show_error(error)
            return None
    return tuple(
        Upload(channel.strip() or "train", path, launching.staged(content, "data")[0])
        for path, content in files.items()
    )


def _image(script: _Script, region: str, instance_type: str) -> str:
    try:
        gpu = catalogue.instance_type(instance_type).gpu_count > 0
    except DeckError:
        gpu = False
    return images.image_uri(ImageKind(script.framework, script.version, "training"), region, gpu=gpu)
