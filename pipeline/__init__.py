"""From vendored descriptions and overlays to one contract and one client.

`vendor` writes `specs/`, `build` writes `generated/`; both are pure functions with I/O at the ends.
"""
