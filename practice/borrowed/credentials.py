"""Keys that this account gave out through IAM and STS: what the door needs to check their signatures."""

import hmac
import sys
from datetime import UTC
from typing import Any

from practice import ACCOUNT_ID
from practice.clock import wall_now


def secret_for(access_key: str, session_token: str | None) -> str | None:
    """The secret of an active user key, or of a session that has not expired by wall time and whose token this is."""
    if "moto.iam.models" not in sys.modules:
        return None
    if session_token is not None:
        return _session_secret(access_key, session_token)
    iam: Any = sys.modules["moto.iam.models"]
    key = iam.iam_backends[ACCOUNT_ID]["aws"].access_keys.get(access_key)
    if key is None or key.user_name is None or key.status != "Active":
        return None
    return str(key.secret_access_key)


def _session_secret(access_key: str, session_token: str) -> str | None:
    sts: Any = sys.modules.get("moto.sts.models")
    if sts is None:
        return None
    session = sts.sts_backends[ACCOUNT_ID]["aws"].get_assumed_role_from_access_key(access_key)
    if session is None or not hmac.compare_digest(session.session_token, session_token):
        return None
    return str(session.secret_access_key) if session.expiration.replace(tzinfo=UTC) > wall_now() else None
