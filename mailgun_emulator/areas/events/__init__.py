"""Events of a domain: what happened to its mail, found by range and filter, page by page.

Other areas record with `call.store(EventStore).add(...)` and read `EventStore.of(domain)`.
"""
