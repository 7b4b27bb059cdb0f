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
ledger.py      what was run, reached, broken and excused; JSON report and summary
deviations.py  known differences, strict
targets.py     where requests go; the only module that knows the emulator
"""
