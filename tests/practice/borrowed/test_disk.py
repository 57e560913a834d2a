"""A disk that refuses: the caller is told, and nobody sees what a restart would lose."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.practice.borrowed.exercise import TRUST
from tests.support.local_account import Local


def test_what_cannot_be_kept_is_refused_and_undone(local: Local) -> None:
    iam: Any = local.client("iam")
    iam.create_role(RoleName="kept", AssumeRolePolicyDocument=TRUST, Description="x" * 900)
    journal = local.account._borrowed._journal.connection
    pages = journal.execute("PRAGMA page_count").fetchone()[0]
    journal.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ClientError, match=r"InternalFailure.*full"):
        _fill(iam)
    before = iam.list_roles()["Roles"]
    journal.execute("PRAGMA max_page_count = 1000000")
    iam.create_role(RoleName="after", AssumeRolePolicyDocument=TRUST)
    local.restart()
    after = local.client("iam").list_roles()["Roles"]
    assert {role["RoleId"] for role in before} == {role["RoleId"] for role in after if role["RoleName"] != "after"}
    assert "kept" in {role["RoleName"] for role in before}


def _fill(iam: Any) -> None:
    for number in range(50):
        iam.create_role(RoleName=f"more-{number}", AssumeRolePolicyDocument=TRUST, Description="x" * 900)
