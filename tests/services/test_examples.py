"""The examples describe themselves rightly, and leave as archives that are the same every time."""

import io
import json
import re
import tarfile
from pathlib import Path

import pytest

from services.errors import InvalidRequest, NotFound
from services.examples import (
    Example,
    checked_value,
    chosen_hyperparameters,
    get_example,
    list_examples,
    package_source,
    source_files,
)
from services.images import ImageKind, image_uri

REGIONS = ("ap-northeast-2", "ap-northeast-1", "ap-southeast-1", "us-east-1", "us-east-2", "us-west-2", "eu-west-1")
EXAMPLES = list_examples()


def names() -> list[str]:
    return [example.name for example in EXAMPLES]


def described(folder: Path, text: str = "") -> Path:
    """A folder of examples with one of a user's own, its description changed by `text`."""
    own = folder / "own"
    own.mkdir(parents=True)
    (own / "train.py").write_text("print('trained')\n")
    (own / "example.toml").write_text(
        'framework = "sklearn"\nframework_version = "1.9-0"\nentry_point = "train.py"\ninstance_type = "ml.m5.large"\n'
        "instance_count = 1\nvolume_gib = 5\nmax_runtime_seconds = 60\n"
        f'title = {{ en = "Own", ko = "내 것" }}\ndescription = {{ en = "Mine.", ko = "내 것." }}\n{text}\n'
    )
    return folder


def test_the_three_examples_are_listed() -> None:
    assert names() == ["llama_lora", "pytorch_hosts", "sklearn_surveillance"]


@pytest.mark.parametrize("example", EXAMPLES, ids=names())
def test_an_example_speaks_both_languages(example: Example) -> None:
    helps = [*(one.help for one in example.hyperparameters), *(one.help for one in example.channels)]
    texts = [example.title, example.description, *helps]
    assert all(re.search("[가-힣]", text.ko) and not re.search("[가-힣]", text.en) for text in texts)


@pytest.mark.parametrize("example", EXAMPLES, ids=names())
@pytest.mark.parametrize("region", REGIONS)
def test_aws_lists_an_image_for_it_everywhere(example: Example, region: str) -> None:
    scopes = ["training", *(["inference"] if example.serve else [])]
    assert all(image_uri(ImageKind(example.framework, example.framework_version, scope), region) for scope in scopes)


@pytest.mark.parametrize("example", EXAMPLES, ids=names())
def test_its_defaults_are_values_that_it_takes(example: Example) -> None:
    chosen = chosen_hyperparameters(example, {})
    assert set(chosen) == {one.name for one in example.hyperparameters if one.default}


@pytest.mark.parametrize("example", EXAMPLES, ids=names())
def test_its_script_takes_every_hyperparameter(example: Example) -> None:
    script = (example.folder / example.entry_point).read_text()
    assert all(f'"--{one.name}"' in script for one in example.hyperparameters)


def test_a_served_example_comes_with_a_request_to_try() -> None:
    served = get_example("sklearn_surveillance").serve
    assert served is not None
    assert served.content_type == "application/json"
    assert len(json.loads(served.payload)["orders"]) == 2


def test_an_unknown_example_is_not_found() -> None:
    with pytest.raises(NotFound, match="no example nonsense"):
        get_example("nonsense")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("surprise = 1", "surprise"),
        ('metrics = [{ name = "loss", regex = "loss=[0-9]+" }]', "one group"),
        ('serve = { entry_point = "inference.py", content_type = "text/csv", payload = "1" }', "has no inference.py"),
        ("title = 3", "Cannot overwrite"),
    ],
)
def test_a_description_that_does_not_hold_is_refused(tmp_path: Path, change: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        list_examples(described(tmp_path, change))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("epochs", "0", "between 1 and 200"),
        ("epochs", "2.5", "whole number"),
        ("epochs", "", "whole number"),
        ("learning-rate", "nan", "between"),
        ("learning-rate", "fast", "a number"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, text: str, reason: str) -> None:
    knobs = {one.name: one for one in get_example("sklearn_surveillance").hyperparameters}
    with pytest.raises(InvalidRequest, match=reason):
        checked_value(knobs[name], text)


def test_a_users_value_replaces_the_default_and_an_empty_one_is_left_out() -> None:
    chosen = chosen_hyperparameters(get_example("llama_lora"), {"steps": " 3 ", "learning-rate": ""})
    assert chosen["steps"] == "3"
    assert "learning-rate" not in chosen


def test_a_hyperparameter_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no hyperparameter depth"):
        chosen_hyperparameters(get_example("llama_lora"), {"depth": "3"})


def test_the_same_folder_always_gives_the_same_archive(tmp_path: Path) -> None:
    first = described(tmp_path / "first") / "own"
    second = described(tmp_path / "second") / "own"
    (second / "__pycache__").mkdir()
    (second / "__pycache__" / "train.pyc").write_bytes(b"\0")
    (second / ".secret").write_text("not for a job")
    assert package_source(first) == package_source(second)
    with tarfile.open(fileobj=io.BytesIO(package_source(first))) as archive:
        assert [(member.name, member.mtime, member.uname) for member in archive] == [("train.py", 0, "")]


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    folder = described(tmp_path / "examples") / "own"
    (tmp_path / "elsewhere.py").write_text("secret = 1")
    (folder / "more.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(InvalidRequest, match=r"more\.py is a link"):
        source_files(folder)
