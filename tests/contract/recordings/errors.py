"""What can be wrong with recordings.

RecordingError
├── FormatError     a recording or cassette that cannot be read; the text names file and place
└── NothingError    there is nothing to record, import or replay
"""

from __future__ import annotations


class RecordingError(Exception):
    """Base of what this package raises; the text is one line for the user."""


class FormatError(RecordingError):
    """A file is not what it should be."""


class NothingError(RecordingError):
    """No exchange is left to work on."""
