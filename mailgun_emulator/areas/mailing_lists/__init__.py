"""Mailing lists: lists and members, uploads of many members, and mail that is sent to a list.

`handlers` and `uploads` serve the API; `posting` turns a message to a list into copies for its
members, `distribution` sends them.
"""
