"""The older statistics of accounts, domains and tags (platform STAT)."""
