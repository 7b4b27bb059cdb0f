"""Suppressions of a domain: bounces, unsubscribes, complaints and the allowlist.

The four lists share their store, their paging and their imports; what differs from list to list is
said in `lists`.
"""
