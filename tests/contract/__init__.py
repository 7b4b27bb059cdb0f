"""The contract suite: every operation of the truth, driven through the generated client.

cases.py       schemathesis draws cases from generated/openapi.json
world.py       real resources: values that exist, made by following the links of the truth
calls.py       a case becomes a call of the generated function; the exchange is captured
fidelity.py    property 1: the request on the wire is what the case says
checks.py      properties 2 and 3 on one exchange
scene.py       what every law needs: truth, target, cases, and how to judge
laws/          properties 4 to 8, a module for each kind of run
families.py    what is created, read, listed, updated and deleted, out of the links
readback.py    what was written and what is read back
pages.py       pages of a list, whichever way it pages
shrink.py      a failing case made smaller
breaches.py    one class per way to break the contract
evidence.py    what shows a breach: request, response, a command; scrub.py keeps secrets out
observe.py     which points of the truth (points.py) the exchanges reached
ledger.py      what was run, reached, broken and excused; summary
report/        contract.json, one HTML page and JUnit
deviations.py  known differences, strict
targets/       where requests go: emulator, any url, the live API
recordings/    scrubbed exchanges as files; what replays them
safety/        what may be sent to an account of people, and what has to be removed from it
"""
