"""What levels of commitments leave to pay in each hour, and the cut that they give: see `services.mix_solvers`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

HOUR_GROUPS = 4
"""Hours alike are cut together: more groups need fewer rounds, and each takes longer."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A reservation or a plan: the columns it covers, in the order it is used up, at what each hour takes of it."""

    columns: "Indices"
    takes: "Floats"
    usd_per_level: float
    """What one level (an instance, a dollar) costs an hour."""
    whole: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """`counts` are hours × columns, `weights` how often each hour is there, `usd` what a column's hour costs uncovered.
    `covers` are in the order in which they are applied."""

    counts: "Floats"
    weights: "Floats"
    usd: "Floats"
    covers: Sequence[Cover]


def parts_of(problem: Problem) -> "tuple[Floats, Indices]":
    """Columns that share no cover are priced apart: parts × columns as ones and zeros, and the part of each cover."""
    part = np.arange(problem.counts.shape[1])
    for cover in problem.covers:
        for other in part[cover.columns]:
            part[part == other] = part[cover.columns[0]]
    names, of_column = np.unique(part, return_inverse=True)
    members = (np.arange(names.size)[:, None] == of_column[None, :]).astype(np.float64)
    return members, np.array([of_column[cover.columns[0]] for cover in problem.covers])


def alone(problem: Problem) -> "Floats":
    """Each cover alone on what those before it leave: as deep as it is used often enough to pay."""
    left, levels = problem.counts.copy(), []
    for cover in problem.covers:
        need = left[:, cover.columns] * cover.takes
        worth = float((cover.takes * cover.usd_per_level / problem.usd[cover.columns]).mean())
        level = float(np.quantile(need.sum(1), min(max(worth, 0.0), 1.0)))
        left[:, cover.columns] -= _fill(level, need)[0] / cover.takes
        levels.append(level)
    return np.array(levels)


def _fill(level: float, need: "Floats") -> "tuple[Floats, NDArray[np.bool_], Indices]":
    """What each column gets of a level by the hour, whether there is enough, and the first column that lacks some."""
    cumulative = need.cumsum(axis=1)
    got = np.clip(level - (cumulative - need), 0, need)
    return got, cumulative[:, -1] <= level, (cumulative > level).argmax(axis=1)


def cut(problem: Problem, levels: "Floats", parts: "Floats") -> "tuple[Floats, Floats, Floats]":
    """What the levels leave to pay in each part, and the cut there: slopes and bases of each part's groups of hours.

    Any prices of the levels give a valid cut (weak duality); these are those of the fill, so that the cut touches it
    wherever the order in which AWS fills is the best one.
    """
    hours, left, fills = np.arange(problem.weights.size), problem.counts.copy(), []
    for cover, level in zip(problem.covers, levels, strict=True):
        got, enough, short = _fill(level, left[:, cover.columns] * cover.takes)
        left[:, cover.columns] = np.maximum(left[:, cover.columns] - got / cover.takes, 0)
        fills.append((enough, short))
    price = np.broadcast_to(problem.usd, left.shape).copy()
    slopes = np.zeros((hours.size, len(problem.covers)))
    for at in range(len(fills) - 1, -1, -1):
        cover, (enough, short) = problem.covers[at], fills[at]
        worth = np.where(enough, 0, price[hours, cover.columns[short]] / cover.takes[short])
        slopes[:, at] = -worth
        price[:, cover.columns] = np.minimum(price[:, cover.columns], worth[:, None] * cover.takes)
    paid = problem.weights @ (left * problem.usd) @ parts.T
    return paid, *_grouped(problem, slopes, price * problem.counts, parts)


def _grouped(problem: Problem, slopes: "Floats", bases: "Floats", parts: "Floats") -> "tuple[Floats, Floats]":
    """Hours of like cost together, part by part; a part's cut holds the slopes of its own covers alone."""
    order = (problem.counts @ problem.usd).argsort().argsort() * HOUR_GROUPS // problem.weights.size
    sums = np.zeros((HOUR_GROUPS, problem.weights.size))
    sums[order, np.arange(order.size)] = problem.weights
    owned = np.array([parts[:, cover.columns[0]] for cover in problem.covers]).T
    by_part = (sums @ slopes)[None, :, :] * owned[:, None, :]
    return by_part.reshape(-1, slopes.shape[1]), (sums @ bases @ parts.T).T.reshape(-1)
