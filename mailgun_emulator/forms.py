"""Form bodies as they come: text fields and files by name, repeated names in order."""

from __future__ import annotations

from collections.abc import Container

from attrs import define, field, frozen


@frozen
class Upload:
    """A file part. `filename` is None when the part named none; `content_type` as sent."""

    name: str
    filename: str | None
    content_type: str
    data: bytes = field(repr=False)


@define
class Form:
    """Fields and files of an urlencoded or multipart body; `to[]` is `to` (sending ERR-020)."""

    fields: dict[str, list[str]] = field(factory=dict)
    files: dict[str, list[Upload]] = field(factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a text field."""
        values = self.fields.get(name)
        return values[0] if values else default

    def all(self, name: str) -> list[str]:
        """Every value of a text field, in order."""
        return self.fields.get(name, [])

    def uploads(self, name: str) -> list[Upload]:
        """Every file sent under this name, in order."""
        return self.files.get(name, [])

    def prefixed(self, prefix: str) -> dict[str, list[str]]:
        """Custom fields: `prefixed("v:")` gives the values by the name after the prefix."""
        start = len(prefix)
        return {
            name[start:]: values
            for name, values in self.fields.items()
            if name.startswith(prefix) and len(name) > start
        }

    def inline(self, names: Container[str]) -> None:
        """Let files sent under these names be text fields (platform DKIM-002: either will do)."""
        for name in [name for name in self.files if name in names]:
            texts = [upload.data.decode(errors="replace") for upload in self.files.pop(name)]
            self.fields.setdefault(name, []).extend(texts)

    def __contains__(self, name: object) -> bool:
        return name in self.fields or name in self.files
