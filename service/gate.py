"""Gate: who may ask for what. Of a key only its sha256 is known here."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from enum import Enum

from starlette.requests import Request

from service.errors import ForbiddenError, UnauthorizedError

NOBODY = ""
ADMIN = "admin"


class Access(Enum):
    """What an endpoint asks for: nothing, a key where there are any, or the admin's."""

    OPEN = "open"
    KEY = "key"
    ADMIN = "admin"


class Gate:
    """The keys, by their owners' names; without any everybody may ask, but nobody is the admin."""

    def __init__(self, keys: Mapping[str, str], admin: str | None) -> None:
        self._keys = dict(keys)
        self._admin = admin

    def admit(self, request: Request, access: Access) -> str:
        """Return whose key the request carries. Raises UnauthorizedError or ForbiddenError."""
        if access is Access.OPEN or (access is Access.KEY and not self._keys):
            return NOBODY
        if access is Access.ADMIN and self._admin is None:
            raise ForbiddenError("no admin key is set: start with GANFORGE_ADMIN_KEY")
        owner = self.owner(key_of(request))
        if owner is None:
            raise UnauthorizedError
        if access is Access.ADMIN and owner != ADMIN:
            raise ForbiddenError(f"the key is {owner!r}'s: expected the admin key")
        return owner

    def owner(self, key: str) -> str | None:
        """Find whose key this is, in a time that does not tell how much of it was right."""
        found, digest = None, digest_of(key)
        for name, known in {**self._keys, **({ADMIN: self._admin} if self._admin else {})}.items():
            if hmac.compare_digest(known, digest):
                found = name
        return found


def key_of(request: Request) -> str:
    """Read the key; "" where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


def digest_of(key: str) -> str:
    """Hash a key; one drawn as `new_key` does is too long to be guessed from it."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def new_key() -> str:
    """Draw a key of 256 bits."""
    return secrets.token_urlsafe(32)
