"""Why a training job failed, as SageMaker's FailureReason says it."""

from collections.abc import Iterable
from pathlib import Path

REASON_CHARACTERS = 1024
"""FailureReason's maximum length (DescribeTrainingJob)."""


def algorithm_error(failure: Path, last_lines: Iterable[str], exit_code: int) -> str:
    """What the algorithm wrote to `/opt/ml/output/failure`, else its last lines; and its exit code."""
    written = failure.read_text(errors="replace").strip() if failure.is_file() else ""
    ending = f", exit code: {exit_code}"
    if written:
        return f"AlgorithmError: {written}"[: REASON_CHARACTERS - len(ending)] + ending
    room = REASON_CHARACTERS - len(ending) - len("AlgorithmError: ")
    return f"AlgorithmError: {' '.join(last_lines)[-room:]}{ending}"
