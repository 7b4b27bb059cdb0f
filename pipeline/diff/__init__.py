"""What changed between two OpenAPI documents, and what of it breaks callers.

A change is judged on the wire and by direction: what a caller sends (parameters, bodies) must stay
accepted, so narrowing a request breaks; what a caller reads (responses, headers) must stay
expected, so widening a response breaks. New optional things are harmless in both directions, and
so are names that never reach the wire: operationIds, schema names, path variables. What cannot be
judged (`not`, `if`, callbacks ...) counts as breaking when it differs. Prose is not compared.

    source.read      a file, url, name in specs/ or git revision -> document
    compare          two documents -> Report
    report.text, report.markdown, report.json
"""

from pipeline.diff.document import compare
from pipeline.diff.model import Change, Report

__all__ = ["Change", "Report", "compare"]
