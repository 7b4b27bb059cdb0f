"""Templates with their versions, and how the API shows them (sending TPL)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from mailgun_emulator.dates import utc

# The name of no domain: what belongs to the account is kept under it (sending TPL-028).
ACCOUNT = ""


@frozen
class Source:
    """What a version said when a message took it: later changes are not for that message."""

    content: str = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False)


@define
class Version:
    """The content of a template under a tag.

    `headers` are those that the rendered message gets, by name; only From, Subject and Reply-To
    have an effect.
    """

    tag: str
    id: str
    created_at: datetime
    template: str
    comment: str = ""
    headers: dict[str, str] = field(factory=dict)
    active: bool = False

    @property
    def source(self) -> Source:
        """What there is to render; `headers` are replaced as a whole, never changed."""
        return Source(self.template, self.headers)

    def shown(self) -> dict[str, Any]:
        """The version as JSON with its content (TPL-002)."""
        return {
            "tag": self.tag,
            "template": self.template,
            "engine": "handlebars",
            "mjml": "",
            "createdAt": utc(self.created_at),
            "comment": self.comment,
            "active": self.active,
            "id": self.id,
            "headers": self.headers,
        }

    def listed(self) -> dict[str, Any]:
        """The version as lists show it, without content and headers (TPL-018)."""
        hidden = ("template", "headers")
        return {name: value for name, value in self.shown().items() if name not in hidden}


@define
class Template:
    """A name with its versions; names and tags are in lower case (TPL-004, TPL-005)."""

    name: str
    id: str
    created_at: datetime
    description: str = ""
    created_by: str = ""
    versions: dict[str, Version] = field(factory=dict)

    @property
    def active(self) -> Version | None:
        """The version that is sent when none is named; None when there is no such version."""
        return next((version for version in self.versions.values() if version.active), None)

    def version(self, tag: str) -> Version | None:
        """The version with this tag, in whatever case."""
        return self.versions.get(tag.lower())

    def add(self, version: Version, *, active: bool) -> None:
        """Add a version, or put it in the place of another.

        The first one is active in any case (TPL-016).
        """
        first = not self.versions
        self.versions[version.tag] = version
        if active or first:
            self.activate(version)

    def activate(self, version: Version) -> None:
        """Make this the only active version (TPL-017)."""
        for other in self.versions.values():
            other.active = other is version

    def shown(self) -> dict[str, Any]:
        """The template as JSON without any version (TPL-007)."""
        return {
            "name": self.name,
            "description": self.description,
            "createdAt": utc(self.created_at),
            "createdBy": self.created_by,
            "id": self.id,
        }


@define
class TemplateStore:
    """The templates of one account, by domain and name."""

    _domains: dict[str, dict[str, Template]] = field(factory=dict)

    def find(self, domain: str, name: str) -> Template | None:
        """The template with this name, in whatever case."""
        return self._domains.get(domain.lower(), {}).get(name.lower())

    def usable(self, domain: str, name: str) -> Template | None:
        """The template that mail of a domain means: its own one, else that of the account."""
        return self.find(domain, name) or self.find(ACCOUNT, name)

    def put(self, domain: str, template: Template) -> None:
        """Keep a template under its name."""
        self._domains.setdefault(domain.lower(), {})[template.name] = template

    def drop(self, domain: str, template: Template) -> None:
        """Forget a template with all its versions (TPL-010)."""
        self._domains.get(domain.lower(), {}).pop(template.name, None)

    def all(self, domain: str) -> list[Template]:
        """The templates of a domain in order of name (TPL-012)."""
        held = self._domains.get(domain.lower(), {})
        return [held[name] for name in sorted(held)]

    def forget_domain(self, name: str) -> None:
        """The domain is gone, or all its templates are to go (TPL-011)."""
        self._domains.pop(name.lower(), None)
