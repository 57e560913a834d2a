"""The levels of commitments that cost least, found by HiGHS: how many of each reservation, how many dollars an hour of
each Savings Plan.

A whole linear program of a month over forty types has tens of thousands of allocations and takes seconds. The levels
alone are few, and what they leave to pay is a convex function of them, so it is built up from below by Benders' cuts:
each answer of HiGHS is priced hour by hour, and the prices are the next cut. What was priced bounds the least cost from
above, HiGHS's answer from below; when the two meet the mix is proven. J. F. Benders, Partitioning procedures for
solving mixed-variables programming problems, Numerische Mathematik 4 (1962). The next point to price lies between the
best and HiGHS's own: W. Ben-Ameur and J. Neto, Acceleration of cutting-plane and column generation algorithms, Networks
49 (2007).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from services.mix_cuts import HOUR_GROUPS, Problem, alone, cut, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

STEP = 0.2
"""How far from the best levels known to HiGHS's own the next ones are, but in every eighth round all the way."""
FULL_EVERY = 8
MOST_ROUNDS = 300
LONGEST_IDLE = 20
"""For how many answers a cut may not matter before it is forgotten."""
MOST_BRANCHINGS = 40
MOST_BRANCHED = 12
"""With more reservations than this, branching takes a minute to prove a few dollars in a hundred thousand; what is
proven without it is said instead."""
TOLERANCE = 1e-6
"""Of the cost: a dollar in a million."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The levels found, in the order of the covers, what they cost, and what no levels could cost less than."""

    levels: tuple[float, ...]
    usd: float
    least_usd: float


@dataclass(slots=True)
class _Search:
    """What is known so far: HiGHS's cuts with a cost to come for each part, and the best levels of each part."""

    problem: Problem
    usd: "Floats"
    """What a level costs over all hours."""
    most: "Floats"
    whole: "NDArray[np.bool_]"
    parts: "Floats"
    of_cover: "Indices"
    best: "Floats"
    best_usd: "Floats"
    slopes: "Floats"
    """Cuts × levels; a cut is that what its group costs is at least its base and the slopes times the levels."""
    bases: "Floats"
    groups: "Indices"
    """Whose cost each cut bounds."""
    idle: "Indices"
    """For how many answers each cut has not mattered."""

    @property
    def total(self) -> float:
        return float(self.best_usd.sum())

    def look(self, levels: "Floats") -> bool:
        """Price the levels, add the cut there, and keep what is better; whether anything is."""
        paid, slopes, bases = cut(self.problem, levels, self.parts)
        self.slopes = np.vstack([self.slopes, slopes])
        self.bases = np.concatenate([self.bases, bases])
        self.groups = np.concatenate([self.groups, np.arange(bases.size)])
        self.idle = np.concatenate([self.idle, np.zeros(bases.size, dtype=np.intp)])
        paid = paid + np.bincount(self.of_cover, self.usd * levels, paid.size)
        better = paid < self.best_usd
        self.best_usd = np.minimum(self.best_usd, paid)
        self.best = np.where(better[self.of_cover], levels, self.best)
        return bool(better.any())

    def ask(self, least: "Floats", most: "Floats", *, whole: bool) -> "tuple[Floats, float]":
        """HiGHS's levels between bounds, as far as the cuts know, and what none can cost less than. `whole`:
        reservations are whole."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_matrix, hstack

        count, groups = self.usd.size, self.parts.shape[0] * HOUR_GROUPS
        rows = self.groups.size
        to_come = csr_matrix((np.ones(rows), (np.arange(rows), self.groups)), (rows, groups))
        cuts: Any = hstack([csr_matrix(-self.slopes), to_come], format="csr")
        answer: Any = milp(
            np.concatenate([self.usd, np.ones(groups)]),
            constraints=LinearConstraint(cuts, lb=self.bases),
            bounds=Bounds(np.pad(least, (0, groups)), np.pad(most, (0, groups), constant_values=np.inf)),
            integrality=np.pad(self.whole * float(whole), (0, groups)),
            options={"mip_rel_gap": TOLERANCE / 10} if whole else {},
        )
        self._forget(cuts @ answer.x - self.bases)
        bound = answer.mip_dual_bound if whole else answer.fun
        return np.clip(answer.x[:count], least, most), float(bound)

    def _forget(self, slack: "Floats") -> None:
        """Cuts that have not mattered for long only make HiGHS slower; one that would matter again is found again."""
        self.idle = np.where(slack > TOLERANCE * np.abs(self.bases).max(), self.idle + 1, 0)
        kept = self.idle <= LONGEST_IDLE
        self.slopes, self.bases, self.groups = self.slopes[kept], self.bases[kept], self.groups[kept]
        self.idle = self.idle[kept]


def solve(problem: Problem, tolerance: float = TOLERANCE) -> Solution:
    """The cheapest levels, to within `tolerance` of the least cost or what `least_usd` says.

    First as if reservations could be split; then with the nearest whole numbers of them, which mostly is within the
    tolerance already; else HiGHS branches on them.
    """
    if not problem.covers:
        usd = float(problem.weights @ (problem.counts @ problem.usd))
        return Solution((), usd, usd)
    search = _search(problem)
    least = _descend(search, alone(problem), np.zeros_like(search.most), search.most, tolerance)
    if search.whole.any():
        fixed = np.where(search.whole, np.rint(search.best), -1)
        search.best_usd = np.full_like(search.best_usd, np.inf)
        low, high = np.maximum(fixed, 0), np.where(search.whole, fixed, search.most)
        _descend(search, np.clip(search.best, low, high), low, high, tolerance)
        least = max(least, _branch(search, least, tolerance))
    return Solution(tuple(map(float, search.best)), search.total, min(least, search.total))


def _search(problem: Problem) -> _Search:
    covers, (parts, of_cover) = problem.covers, parts_of(problem)
    return _Search(
        problem,
        usd=np.array([cover.usd_per_level for cover in covers]) * problem.weights.sum(),
        most=np.array([np.ceil((problem.counts[:, each.columns] * each.takes).sum(1).max()) for each in covers]),
        whole=np.array([cover.whole for cover in covers]),
        parts=parts,
        of_cover=of_cover,
        best=np.zeros(len(covers)),
        best_usd=np.full(parts.shape[0], np.inf),
        slopes=np.zeros((0, len(covers))),
        bases=np.zeros(0),
        groups=np.zeros(0, dtype=np.intp),
        idle=np.zeros(0, dtype=np.intp),
    )


def _descend(search: _Search, start: "Floats", low: "Floats", high: "Floats", tolerance: float) -> float:
    """Look for levels between bounds until the two costs meet, or nothing moves them; the least cost, proven."""
    levels, least, stuck = start, -np.inf, 0
    for round_ in range(1, MOST_ROUNDS + 1):
        better = search.look(levels)
        out, bound = search.ask(low, high, whole=False)
        stuck = 0 if better or bound > least + tolerance / 10 * abs(least) else stuck + 1
        least = max(least, bound)
        if search.total - least <= tolerance * search.total or stuck > FULL_EVERY:
            break
        levels = out if stuck or round_ % FULL_EVERY == 0 else search.best + STEP * (out - search.best)
    return least


def _branch(search: _Search, least: float, tolerance: float) -> float:
    """Whole reservations by branch and bound, round by round; the least cost that is proven for them."""
    for _ in range(MOST_BRANCHINGS if search.whole.sum() <= MOST_BRANCHED else 0):
        if search.total - least <= tolerance * search.total:
            break
        levels, bound = search.ask(np.zeros_like(search.most), search.most, whole=True)
        least = max(least, bound)
        if search.total - least <= tolerance * search.total:
            break
        fixed = np.where(search.whole, np.rint(levels), -1)
        low, high = np.maximum(fixed, 0), np.where(search.whole, fixed, search.most)
        _descend(search, np.clip(levels, low, high), low, high, tolerance)
    return least
