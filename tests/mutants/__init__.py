"""Proof that the contract suite catches faults: mutants of servers and of clients.

fault.py      one fault of one operation, and the seeded choice of where it strikes
catalogue.py  every class of mutants, with the reason why it may not apply
answers.py    servers whose answers break the truth
lapses.py     servers that ignore keys or forget writes
paging.py     servers whose pages overlap or leave gaps
runtime.py    clients with a fault in the runtime that generated modules share
measure.py    whether a faulty client sends anything else than a sound one
inputs.py     which faults a client can have in an operation's request
schemas.py    places in schemas and in the values that they describe
switch.py     transports that let one fault in at a time
harness.py    one mutant on one operation under the suite's own checks
sample.py     which part of the matrix a short run tries
survivors.py  survivors.toml: what is not caught, and why; strict
matrix.py     what all of it comes to, as JSON and as a page
"""
