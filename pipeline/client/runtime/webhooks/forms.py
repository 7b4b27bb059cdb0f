"""Forms as the API posts them, from the body of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from .errors import Malformed

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# A mail has some tens of headers, each of which is a field.
_MOST = 5_000
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))')
_ESCAPED = re.compile(r'\\(["\\])')
_BREAK = b"\r\n"


@frozen
class Upload:
    """A file of a form.

    Attributes:
        field_name: the name of the form field, such as `attachment-1`.
        file_name: what the sender calls it; never use it as a path as it is.
        content_type: what the sender says that it is.
        content: its bytes.
    """

    field_name: str
    file_name: str
    content_type: str
    content: bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.content)


@frozen
class Form:
    """The fields of a form in their order, and its files.

    Where a name occurs more than once, the last one counts: what the API itself has to say comes
    after the headers of the mail, whose names the sender of the mail chooses.
    """

    pairs: tuple[tuple[str, str], ...] = field(repr=False)
    files: tuple[Upload, ...] = ()

    def values(self) -> dict[str, str]:
        """Name -> last value."""
        return dict(self.pairs)

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return [value for own, value in self.pairs if own == name]


def read_form(body: bytes, content_type: str) -> Form:
    """A form of either encoding. Raises Malformed."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == URLENCODED:
        return Form(tuple(_urlencoded(body)))
    if kind == MULTIPART:
        return _multipart(body, content_type)
    raise Malformed(f"posts of the API have no such content type: {kind or 'none at all'}")


def _urlencoded(body: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST,
        )
    except ValueError:
        raise Malformed("the form has too many fields") from None


def _multipart(body: bytes, content_type: str) -> Form:
    found = _BOUNDARY.search(content_type)
    if not found:
        raise Malformed("the form has no boundary")
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    for head, content in _parts(body, (found[1] or found[2]).encode("utf-8", "replace")):
        told = _parameters(head.get("content-disposition", ""))
        name = told.get("name")
        if name is None:
            raise Malformed("a part of the form has no name")
        if "filename" in told:
            kind = head.get("content-type", "application/octet-stream")
            files.append(Upload(name, told["filename"], kind, content))
        else:
            pairs.append((name, content.decode("utf-8", "replace")))
    return Form(tuple(pairs), tuple(files))


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """Headers and content of each part; what stands before the first and after the last is not
    part of the form."""
    limit = _BREAK + b"--" + boundary
    parts = (_BREAK + body).split(limit, _MOST + 1)
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise Malformed("the form has no end")
    for part in parts[1:-1]:
        # Spaces may follow the boundary.
        _, begun, rest = part.partition(_BREAK)
        head, divided, content = (_BREAK + rest).partition(_BREAK * 2)
        if not begun or not divided:
            raise Malformed("a part of the form has no content")
        yield _headers(head), content


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    split = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in split}


def _parameters(disposition: str) -> dict[str, str]:
    """Parameters by name; `filename*` (RFC 5987) gives way to nothing and stands for `filename`."""
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(disposition):
        text = _ESCAPED.sub(r"\1", quoted) if quoted else plain
        # As browsers write them.
        found[name.lower()] = text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
    if extended := found.pop("filename*", ""):
        charset, _, rest = extended.partition("'")
        try:
            found["filename"] = unquote(rest.partition("'")[2], charset or "utf-8", "replace")
        except LookupError:
            found.setdefault("filename", rest)
    return found
