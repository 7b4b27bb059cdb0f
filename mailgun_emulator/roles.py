"""What the role of a key may do, by area (platform RBAC-001 to RBAC-011).

`basic` is the API's name of the analyst role. An area that the matrix does not name follows the
row of the domains: everybody reads, administrators and developers write.
"""

from __future__ import annotations

from mailgun_emulator.contract import Operation

READ, WRITE = 1, 2
NONE = 0

# basic (analyst), developer, support; admin may do everything.
_COLUMNS = {"basic": 0, "developer": 1, "support": 2}
_DEFAULT = (READ, WRITE, READ)
_SHARED_LISTS = (READ, WRITE, WRITE)
_SUPPRESSIONS = (NONE, WRITE, WRITE)
_SECRETS = (NONE, READ, NONE)
_ROWS = {
    "bounces": _SUPPRESSIONS,
    "complaints": _SUPPRESSIONS,
    "unsubscribes": _SUPPRESSIONS,
    "allowlist": _SHARED_LISTS,
    "mailing_lists": _SHARED_LISTS,
    "templates": _SHARED_LISTS,
    "account_templates": _SHARED_LISTS,
    "message_limits": (READ, READ, READ),
    "credentials": _SECRETS,
    "keys": _SECRETS,
    "users": (NONE, NONE, NONE),
}
# platform RBAC-008: everybody may read who they are.
_OWN_DETAILS = "get_current_user"


def allowed(role: str, operation: Operation) -> bool:
    """Whether a key of this role may call the operation; sending keys are judged elsewhere."""
    column = _COLUMNS.get(role)
    if column is None or operation.id == _OWN_DETAILS:
        return True
    return _ROWS.get(operation.tag, _DEFAULT)[column] >= _needed(operation)


def _needed(operation: Operation) -> int:
    # platform RBAC-011: analytics are read by POST.
    reads = operation.method == "GET" or operation.id.startswith("query_")
    return READ if reads else WRITE
