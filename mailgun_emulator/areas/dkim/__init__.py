"""DKIM keys and automatic sender security (platform DKIM)."""
