"""The contract suite: every operation of the truth, driven through the generated client.

cases.py       schemathesis draws cases from generated/openapi.json
world.py       real resources: values that exist, made by following the links of the truth
calls.py       a case becomes a call of the generated function; the exchange is captured
fidelity.py    property 1: the request on the wire is what the case says
checks.py      properties 2 to 5 on one exchange
breaches.py    one class per way to break the contract
ledger.py      what was run, reached, broken and excused; JSON report and summary
deviations.py  known differences, strict
targets/       where requests go: emulator, any url, the live API
recordings/   scrubbed exchanges as files; what replays them
safety/        what may be sent to an account of people, and what has to be removed from it
"""
