"""Webhooks of domains and of the account: who wants to be told of what, and telling them.

`domain` and `account` are the configuration; `dispatch` posts every recorded event to the URLs
that want it, `log` notes what came of it.
"""
