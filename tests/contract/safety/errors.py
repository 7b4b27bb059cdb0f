"""Why a request was not sent.

SafetyError
├── WithheldError   the policy does not allow this request; others may go on
├── HaltedError     no request goes out any more: budget, rate limit, unreachable server
└── PolicyError     policy.toml is wrong
"""

from __future__ import annotations


class SafetyError(Exception):
    """Base of what the safety layer raises."""


class WithheldError(SafetyError):
    """The request was not sent; the text says why."""


class HaltedError(SafetyError):
    """This request and all later ones are not sent; the text says why."""


class PolicyError(SafetyError):
    """The policy cannot be used; the text names the entry."""
