"""Tracking: settings of domains, certificates of tracking hosts, and what tracked mail is made of.

`tracked` rewrites mail for whoever wants to see what a recipient gets, with the signed addresses of
`links`; `visits` answers those who follow them. Platform TRK, CERT; sending TRACK.
"""
