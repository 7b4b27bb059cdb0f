"""Safety on an account that real people use: what may be sent, and what has to be cleaned up.

policy.toml    a decision with its reason for each operation; unlisted ones are never sent
policy.py      the policy as data
reading.py     a request as the strictest and the sloppiest server would read it
guard.py       SafeTransport: nothing leaves the process that the policy does not allow
belongings.py  what the run made, on disk before it is asked for
removal.py     removes it, at the end of a run or of an interrupted one
limits.py      the budget of calls, and the server's own limits
marks.py       valid cases made to carry the run prefix
plan.py        what a run would send
"""
