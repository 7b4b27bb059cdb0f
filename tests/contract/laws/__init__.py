"""The laws, one module for each kind of run: functions that fill a ledger entry on a scene."""
