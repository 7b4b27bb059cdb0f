"""Proof that the contract suite catches faults."""
