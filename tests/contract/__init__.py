"""The contract suite: every operation of the truth, driven through the generated client.

cases.py       schemathesis draws cases from generated/openapi.json
world.py       real resources: values that exist, made by following the links of the truth
calls.py       a case becomes a call of the generated function; the exchange is captured
fidelity.py    property 1: the request on the wire is what the case says
checks.py      properties 2 to 5 on one exchange
breaches.py    one class per way to break the contract
evidence.py    what shows a breach: request, response, a command; scrub.py keeps secrets out
observe.py     which points of the truth (points.py) the exchanges reached
ledger.py      what was run, reached, broken and excused; summary
report/        contract.json, one HTML page and JUnit
deviations.py  known differences, strict
targets.py     where requests go; the only module that knows the emulator
"""
