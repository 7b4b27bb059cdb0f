"""The contract suite under test: what it must report, and what it must not.

things.py      a small truth of its own
server.py      a server that keeps it; a seeded fault is a subclass or one replaced method
package.py     the client generated from it, put where the suite expects the client
wreck.py       requests as a broken client would send them
plugin.py      the same truth and server for a whole pytest session
"""
