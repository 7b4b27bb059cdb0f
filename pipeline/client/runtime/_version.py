"""The version of the whole distribution. Written here only; all else reads it."""

__version__ = "0.1.0"
