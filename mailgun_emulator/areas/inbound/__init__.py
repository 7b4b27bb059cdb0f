"""Incoming mail: the spam filter, the routes it passes, and what they make of it.

`reception.receive` takes mail in, for the control API and for SMTP.
"""
