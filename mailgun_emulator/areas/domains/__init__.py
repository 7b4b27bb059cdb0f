"""Domains with their DNS records and settings, in both versions of the API (platform DOM, SBX)."""
