"""Sending: messages by parts and as MIME, what is stored of them, and the queues they wait in.

A call is read into a `Draft` and its `Content`; `accept` makes one `Copy` of it, or one for each
recipient of a batch, keeps it and its events, and plans the delivery. Real delivery, bounces and
template rendering are not simulated here: what is accepted is delivered half a second later, or at
its time, unless a suppression list stands against it.
"""
