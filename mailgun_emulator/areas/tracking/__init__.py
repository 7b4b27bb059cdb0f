"""Tracking settings of domains, certificates of tracking hosts (platform TRK, CERT)."""
