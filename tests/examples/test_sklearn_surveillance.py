"""The scikit-learn example trains, says its metrics and is served, run as a process the way a job runs it."""

import csv
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from services.examples import get_example
from tests.examples.runs import Run, run

EXAMPLE = get_example("sklearn_surveillance")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sklearn")
    return run(EXAMPLE, folder, "--rows", "8000", "--epochs", "8", SM_MODEL_DIR=str(folder / "ml" / "model"))


@pytest.fixture(scope="module")
def inference() -> ModuleType:
    """The serving script, loaded as a framework's server loads it: by its path."""
    path = EXAMPLE.folder / "inference.py"
    spec = importlib.util.spec_from_file_location("served_by_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def served(script: ModuleType, trained: Run, body: str, content_type: str, accept: str = "application/json") -> Any:
    """Body and content type of the reply."""
    orders = script.input_fn(body.encode(), content_type)
    return script.output_fn(script.predict_fn(orders, script.model_fn(str(trained.model))), accept)


def test_it_says_that_its_orders_are_made_up(trained: Run) -> None:
    assert trained.lines[0] == "generated 8000 orders with seed 7: these are not real trades"


def test_every_epoch_gives_every_metric(trained: Run) -> None:
    values = trained.values(EXAMPLE)
    assert {name: len(found) for name, found in values.items()} == dict.fromkeys(values, 8)


def test_it_learns(trained: Run) -> None:
    values = trained.values(EXAMPLE)
    assert values["validation:loss"][-1] < values["validation:loss"][0] / 1.5
    assert values["validation:auc"][-1] > 0.9
    assert values["validation:accuracy"][-1] > 0.9


def test_the_same_seed_trains_the_same_model(trained: Run, tmp_path: Path) -> None:
    again = run(EXAMPLE, tmp_path, "--rows", "8000", "--epochs", "8")
    assert again.values(EXAMPLE) == trained.values(EXAMPLE)
    assert (again.model / "model.joblib").read_bytes() == (trained.model / "model.joblib").read_bytes()


def test_it_reads_the_users_own_orders(tmp_path: Path) -> None:
    columns = ["unusual", "cancel_ratio", "lifetime_seconds", "orders_per_minute", "price_gap_bp"]
    with (tmp_path / "orders.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*columns, "order_value_krw_million"])
        rows.writerows([number % 2, number % 2, 5, 3, 2, 10 + 90 * (number % 2)] for number in range(200))
    own = run(EXAMPLE, tmp_path, "--epochs", "30", "--learning-rate", "0.05", SM_CHANNEL_TRAIN=str(tmp_path))
    assert own.lines[0] == f"read 200 orders from {tmp_path}"
    assert own.values(EXAMPLE)["validation:accuracy"][-1] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "orders.csv has no column order_value_krw_million"),
        (None, "no CSV file in"),
    ],
)
def test_it_says_what_is_wrong_with_a_channel(tmp_path: Path, content: str | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "orders.csv").write_text(content)
    with pytest.raises(AssertionError, match=reason):
        run(EXAMPLE, tmp_path, SM_CHANNEL_TRAIN=str(tmp_path))


def test_its_sample_payload_gets_a_prediction_that_makes_sense(inference: ModuleType, trained: Run) -> None:
    assert EXAMPLE.serve is not None
    body, content_type = served(inference, trained, EXAMPLE.serve.payload, EXAMPLE.serve.content_type)
    assert content_type == "application/json"
    layered, ordinary = json.loads(body)["predictions"]
    assert layered["unusual"] is True
    assert ordinary["unusual"] is False
    assert layered["score"] > 0.9 > 0.3 > ordinary["score"]


def test_csv_goes_in_and_out(inference: ModuleType, trained: Run) -> None:
    body, content_type = served(inference, trained, "850,2,3,0.96,24\n12,9,180,0.2,3\n", "text/csv", "text/csv")
    assert content_type == "text/csv"
    assert [line.split(",")[1] for line in body.splitlines()] == ["1", "0"]


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ('{"orders": []}', "application/json", "at least one order"),
        ('{"orders": [{"price_gap_bp": 2}]}', "application/json", "order 1 has no order_value_krw_million"),
        ("1,2\n", "text/csv", "order 1 has 2 values; 5 are needed"),
        ("x", "application/x-npy", "is not supported"),
    ],
)
def test_a_bad_request_is_refused_with_its_reason(
    inference: ModuleType, trained: Run, body: str, content_type: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        served(inference, trained, body, content_type)
