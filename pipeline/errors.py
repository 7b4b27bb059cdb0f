"""Everything the pipeline refuses.

    PipelineError
    ├── SourceError      the upstream description is unreadable or not OpenAPI 3.x (exit status 2)
    ├── OverlayError     overlay actions that are malformed, match nothing or change nothing
    ├── MergeError       two specs claim the same name or path with different content
    ├── LintError        the merged contract breaks a rule of the house
    ├── GeneratorError   the client generator warned, failed or dropped an operation
    ├── StaleError       what is committed under generated/ is not what the inputs give
    └── ReleaseError     the checkout is not ready for the release asked for (exit status 2)

Errors that can have several causes carry all of them in `problems`: one run shows the whole list.
"""

from __future__ import annotations

from collections.abc import Iterable


class PipelineError(Exception):
    exit_status = 1

    def __init__(
        self, summary: str, problems: Iterable[str] = (), advice: Iterable[str] = ()
    ) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        lines = [summary, *(f"  {problem}" for problem in self.problems), *advice]
        super().__init__("\n".join(lines))


class SourceError(PipelineError):
    exit_status = 2


class OverlayError(PipelineError):
    pass


class MergeError(PipelineError):
    pass


class LintError(PipelineError):
    pass


class GeneratorError(PipelineError):
    pass


class StaleError(PipelineError):
    pass


class ReleaseError(PipelineError):
    exit_status = 2
