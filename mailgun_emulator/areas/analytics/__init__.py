"""Reading what happened: logs, metrics, usage and the tags of an account, all from its events."""
