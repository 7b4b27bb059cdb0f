"""The control API under `/_emulator/`: not part of what is emulated, needs no key."""

from __future__ import annotations

from mailgun_emulator.call import Request
from mailgun_emulator.reply import Reply
from mailgun_emulator.state import State

PREFIX = "/_emulator/"


def answer(request: Request, state: State) -> Reply:
    """Answer a control call.

    - `GET health`: the server is up.
    - `POST reset`: forget everything but the configuration.
    - `GET digest`: a fingerprint of all that is kept; equal ones mean that nothing changed.
    """
    what = request.path.removeprefix(PREFIX)
    if what == "health":
        return _only("GET", request) or Reply(200, {"status": "ok"})
    if what == "reset":
        refused = _only("POST", request)
        if refused is None:
            state.reset()
        return refused or Reply(200, {"message": "reset"})
    if what == "digest":
        return _only("GET", request) or Reply(200, {"digest": state.digest()})
    return Reply(404, {"message": f"no control {what!r}"})


def _only(method: str, request: Request) -> Reply | None:
    if request.method == method:
        return None
    return Reply(405, {"message": "Method Not Allowed"}, headers=(("allow", method),))
