"""One matched request to one reply: caller, decoding, validation, handler, conformance."""

from __future__ import annotations

import inspect
import json
import logging
from typing import Any

from attrs import define, field

from mailgun_emulator import coerce, decode, ownership
from mailgun_emulator.auth import authenticate, authorize
from mailgun_emulator.blueprint import Blueprint
from mailgun_emulator.call import Call, Request
from mailgun_emulator.contract import Operation
from mailgun_emulator.handlers import BY_FAMILY, Binding, Problem
from mailgun_emulator.reply import ApiError, Reply
from mailgun_emulator.router import Match
from mailgun_emulator.state import State
from mailgun_emulator.validate import Plan, Validators

log = logging.getLogger("mailgun_emulator")

GONE = "Gone"  # for operations that are switched off (platform BCLS-010)
INTERNAL = "Internal Server Error"  # sending ERR-016
TOO_LARGE = 413  # given in front of every operation (sending ERR-015), so documented by few


@define
class Dispatcher:
    """Answers requests for known operations.

    `strict`: a reply that breaks the truth, or a handler that raises, becomes a 500 that says what
    is wrong; otherwise it is logged and, where there is a reply, sent as it is.
    """

    blueprint: Blueprint = field(repr=False)
    state: State = field(repr=False)
    strict: bool = True
    validators: Validators = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.validators = self.blueprint.validators

    async def answer(self, match: Match, request: Request) -> Reply:
        """The reply to a request whose path and method are known."""
        operation = match.operation
        binding = self.blueprint.bindings.get(operation.id)
        try:
            call = self._admit(match, request, binding)
        except ApiError as error:
            return self.refuse(error, operation)
        try:
            reply = await self._reply(call, binding)
        except Exception as error:
            log.exception("%s: the handler failed", operation.id)
            return self.failure(f"{operation.id}: {error!r}")
        if breach := self.breach(operation, reply):
            log.error("%s: %s", operation.id, breach)
            if self.strict:
                return self.failure(f"{operation.id}: {breach}")
        return self._signed(reply, call)

    def refuse(self, error: ApiError, operation: Operation) -> Reply:
        """The answer that an error stands for."""
        return self.blueprint.envelopes.reply(error, operation)

    def _admit(self, match: Match, request: Request, binding: Binding | None) -> Call:
        """The call, not yet read, of somebody who may make it. Raises ApiError."""
        operation = match.operation
        found = authenticate(self.state, operation, request.headers.get("authorization"))
        account, key = found if found is not None else (self.state.accounts[0], None)
        plan = self.validators.plans[operation.id]
        domain = ""
        if key is not None:
            domain = match.values[plan.owned].lower() if plan.owned else ""
            text = BY_FAMILY if binding is None else binding.foreign_domain
            if text == BY_FAMILY:
                text = ownership.foreign_text(operation)
            authorize(account, key, operation, domain, foreign_text=text)
        return Call(
            operation=operation,
            request=request,
            state=self.state,
            account=account,
            key=key,
            path={name: plan.path[name]([v]) for name, v in match.values.items()},
            query=_query(plan, request),
            domain=domain,
        )

    async def _reply(self, call: Call, binding: Binding | None) -> Reply:
        """What the operation answers: a refusal by its own check, of its input, or its result."""
        try:
            if binding is not None and binding.before is not None:
                binding.before(call)
            self._read(call, binding)
            return await self._handle(call, binding)
        except ApiError as error:
            return self.refuse(error, call.operation)

    def _read(self, call: Call, binding: Binding | None) -> None:
        """Decode and validate the request. Raises ApiError."""
        validate = binding is None or binding.validate
        plan = self.validators.plans[call.operation.id]
        problem = self._body(call, plan, validate=validate)
        if validate:
            problem = self._parameters(call, plan) or problem
        if problem is not None:
            raise _refusal(problem, binding)

    def _parameters(self, call: Call, plan: Plan) -> Problem | None:
        check, operation = self.validators.parameters, call.operation
        if problem := check(operation, "path", call.path):
            return problem
        if problem := check(operation, "query", call.query):
            return problem
        if not plan.headers:
            return None
        sent = call.request.headers
        present = {name: sent[low] for low, name in plan.headers.items() if low in sent}
        return check(operation, "header", present)

    def _body(self, call: Call, plan: Plan, *, validate: bool) -> Problem | None:
        """Decode the body into the call; what is wrong with it, when asked to look."""
        operation, request = call.operation, call.request
        if not operation.bodies:
            return None
        data = request.body
        if request.headers.get("content-encoding", "").lower() == "gzip":
            data = decode.unzip(data)
        form, kind = operation.form, call.content_type
        if operation.json and (form is None or kind.endswith("json")):
            if not data.strip():
                missing = Problem("json", "", "required") if operation.body_required else None
                return missing if validate else None
            call.body = decode.parse_json(data)
            return self.validators.body(operation.json, call.body, "json") if validate else None
        if form is None:
            call.body = data
            return None
        call.form = decode.parse_form(data, request.headers.get("content-type", ""))
        call.form.inline(plan.texts)
        values = coerce.form_values(call.form, plan.fields, plan.lists, plan.single)
        call.body = values
        if not validate or not (values or operation.body_required):
            return None
        shown = coerce.without_files(values) if call.form.files else values
        return self.validators.body(form, shown, "form")

    async def _handle(self, call: Call, binding: Binding | None) -> Reply:
        if binding is None:
            if call.operation.success >= 400:
                raise ApiError(call.operation.success, GONE)
            return self.blueprint.synthesiser.reply(call)
        answer = binding.handler(call)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Reply):
            return answer
        return Reply(call.operation.success, answer)

    def breach(self, operation: Operation, reply: Reply) -> str:
        """How a reply departs from the truth; empty when it does not."""
        response = operation.response(reply.status)
        if response is None:
            if reply.status == TOO_LARGE:
                return ""
            return f"status {reply.status} is not documented"
        if not response.content:
            return "" if reply.body in (None, "", b"") else f"{reply.status} documents no body"
        kind = reply.media_type
        media = response.content.get(kind)
        if media is None:
            documented = ", ".join(response.content)
            return f"{reply.status} is {kind or 'without a body'}, documented is {documented}"
        if kind != "application/json":
            return ""
        try:
            return self.validators.breach(media, _json_value(reply))
        except (TypeError, ValueError) as error:
            return f"the body is not JSON: {error}"

    def _signed(self, reply: Reply, call: Call) -> Reply:
        """Answers to a known key name it (sending AUTH-014, platform GEN-006), and its limits."""
        if call.key is None:
            return reply
        now = self.state.clock.timestamp()
        rates = self.state.rates(call.account).headers(call.operation, reply.status, now)
        if reply.headers:
            own = {name.lower() for name, _ in reply.headers}
            rates = [header for header in rates if header[0] not in own]
        headers = (*reply.headers, ("x-mailgun-key-id", call.key.id), *rates)
        return Reply(reply.status, reply.body, reply.content_type, headers)

    def failure(self, what: str) -> Reply:
        """A 500: the reason in strict mode, the API's own words otherwise."""
        return Reply(500, {"message": f"emulator bug: {what}" if self.strict else INTERNAL})


def _json_value(reply: Reply) -> Any:
    return reply.body if isinstance(reply.body, dict | list) else json.loads(reply.body or "null")


def _query(plan: Plan, request: Request) -> dict[str, Any]:
    if not request.query:
        return {}
    values: dict[str, Any] = {}
    for name, texts in decode.parse_pairs(request.query.encode("latin-1"), strict=False).items():
        convert = plan.query.get(name)
        if convert is not None:
            values[name] = convert(texts)
        else:
            values[name] = texts[0] if len(texts) == 1 else texts
    return values


def _refusal(problem: Problem, binding: Binding | None) -> ApiError:
    """The 400 for a problem: the area's own answer, or a plain sentence."""
    own = binding.invalid(problem) if binding and binding.invalid else None
    if isinstance(own, ApiError):
        return own
    name = problem.name or "request body"
    text = f"{name} parameter is missing" if problem.kind == "required" else f"invalid {name}"
    return ApiError(400, own or text, field=problem.name)
