"""From the client document to the Python package `mailgun_client`.

openapi-python-client reads the document; names, types and code come from here: `code` turns a
property into expressions, `templates/` into modules, `runtime/` is copied as it is.
"""

from pipeline.client.package import generate

__all__ = ("generate",)
