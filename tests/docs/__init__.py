"""The documentation: its code runs, its links lead somewhere, it reads on a phone."""
