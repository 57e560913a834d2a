"""An OpenID Connect provider on loopback: discovery, authorization code with PKCE, RS256 ID tokens, their keys, logout.

It signs in whoever the test says, without asking.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support import servers

CLIENT_ID, CLIENT_SECRET = "flightdeck", "canary-of-the-client-secret"


@dataclass
class Provider:
    """What it knows. `user` is who signs in next: the claims of their ID token; `lifetime_seconds` is the token's."""

    url: str = ""
    user: dict[str, Any] = field(default_factory=dict)
    lifetime_seconds: float = 3600
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Paths, in the order they came in."""

    def secrets_toml(self) -> str:
        """What the deck's owner puts into Streamlit's secrets."""
        return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{self.url}/.well-known/openid-configuration"
"""

    def metadata(self) -> dict[str, Any]:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "end_session_endpoint": "logout",
        }
        return {
            "issuer": self.url,
            **{name: f"{self.url}/{path}" for name, path in paths.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "user": json.dumps(self.user)}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, sent: dict[str, str], authorization: str) -> dict[str, Any]:
        """For a code, once, by the client alone, and only to whoever began."""
        assert base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
        begun = self.codes.pop(sent["code"])
        assert sent["redirect_uri"] == begun["redirect_uri"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode()
        assert challenge.rstrip("=") == begun["code_challenge"]
        now = time.time()
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": int(now), "exp": int(now + self.lifetime_seconds)}
        user = {**json.loads(begun["user"]), "nonce": begun["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, **user}, self.key)
        return {"id_token": signed, "access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 3600}


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider, ended afterwards."""
    provider = Provider()

    class Handler(servers.Handler):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if self.command == "GET":
                provider.asked.append(parts.path)
            if parts.path == "/authorize":
                self._go(provider.authorize(asked))
            elif parts.path == "/logout":
                self._go(asked["post_logout_redirect_uri"])
            elif parts.path == "/token":
                sent = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
                self._say(provider.token(sent, self.headers["Authorization"]))
            elif parts.path == "/jwks":
                self._say({"keys": [provider.key.as_dict(private=False)]})
            else:
                assert parts.path == "/.well-known/openid-configuration"
                self._say(provider.metadata())

        def _go(self, where: str) -> None:
            self.answer(302, headers={"Location": where})

        def _say(self, said: dict[str, Any]) -> None:
            self.answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})

    with servers.serving(Handler) as provider.url:
        yield provider
