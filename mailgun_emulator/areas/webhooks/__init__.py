"""Webhooks of domains and of the account: who wants to be told of what.

This is the configuration only; telling is not done here.
"""
