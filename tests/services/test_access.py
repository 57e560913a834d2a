"""Who may do what."""

import pytest

from services.access import ALLOWED, Actor, Role, require
from services.errors import AccessDenied
from services.plans import Act


@pytest.mark.parametrize("act", list(Act))
def test_a_viewer_may_look_and_nothing_else(act: Act) -> None:
    with pytest.raises(AccessDenied, match=f"lee is a viewer and may not {act}") as caught:
        require(Actor("lee", Role.VIEWER), act)
    assert caught.value.remedy


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize("act", list(Act))
def test_operators_and_admins_may_act(role: Role, act: Act) -> None:
    require(Actor("kim", role), act)


def test_every_role_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Role)
