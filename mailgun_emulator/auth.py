"""Who is calling, and may they: keys, sending keys, domains of others, roles.

Sources: sending AUTH-001 to AUTH-015, platform GEN-001 to GEN-006, KEY-008, KEY-011, RBAC.
The order is the API's (sending ERR-052): key, scope of the key, ownership of the domain, role.
"""

from __future__ import annotations

import base64
import binascii

from mailgun_emulator import roles
from mailgun_emulator.contract import Operation
from mailgun_emulator.reply import ApiError
from mailgun_emulator.state import SENDING_ROLE, Account, ApiKey, State

USER = "api"
CHALLENGE = 'Basic realm="MG API"'
FORBIDDEN = "Forbidden"
INVALID_KEY = "Invalid private key"
NO_HEADER = "Need authorization header"
# sending AUTH-007: all that a domain sending key may do.
_SENDING = frozenset({"send_message", "send_mime_message"})


def authenticate(
    state: State, operation: Operation, header: str | None
) -> tuple[Account, ApiKey] | None:
    """The caller; None on a public operation called without a valid key. Raises ApiError."""
    secret = _secret(header or "")
    found = state.account_of(secret) if secret else None
    if found is None:
        if operation.public:
            return None
        raise unauthorized(operation, missing=header is None)
    key = found[1]
    if key.role == SENDING_ROLE and operation.id not in _SENDING:
        # sending AUTH-008; the JSON text was seen live where JSON is spoken (platform GEN-004).
        raise unauthorized(operation)
    return found


def authorize(
    account: Account,
    key: ApiKey,
    operation: Operation,
    domain: str,
    *,
    foreign_text: str | None,
) -> None:
    """Raises ApiError when the caller may not do this with this domain.

    `domain` is in lower case, empty when the call is about none. `foreign_text` is the 404 text for
    somebody else's domain, None to leave that to the handler.
    """
    if key.role == SENDING_ROLE and key.domain_name and domain != key.domain_name.lower():
        raise unauthorized(operation)  # sending AUTH-009
    if domain and foreign_text is not None and not account.owns(domain):
        if operation.id in _SENDING:
            raise unauthorized(operation)  # sending AUTH-010
        raise ApiError(404, foreign_text)
    if not roles.allowed(key.role, operation):
        raise ApiError(403, FORBIDDEN)  # platform RBAC-009


def unauthorized(operation: Operation, *, missing: bool = False) -> ApiError:
    """The 401 of this operation: plain text or JSON, as the truth documents it."""
    response = operation.responses.get("401")
    if response is None or "application/json" not in response.content:
        return ApiError(401, body=FORBIDDEN, headers={"www-authenticate": CHALLENGE})
    return ApiError(
        401, NO_HEADER if missing else INVALID_KEY, headers={"www-authenticate": CHALLENGE}
    )


def _secret(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return secret if user == USER else ""
