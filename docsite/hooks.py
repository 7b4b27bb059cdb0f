"""Hooks of mkdocs: the pages of the reference, and links between them and those by hand."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from attrs import define, field
from mailgun_client.operations import OPERATIONS
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as SitePage

from docsite import blocks, reference

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"(?<![\[`])`([a-z][a-z0-9_]+)`(?![`\]])")


@define
class Site:
    """What the hooks of one build share: page by hand -> operations that its code uses."""

    used: dict[str, list[tuple[str, str]]] = field(factory=dict)

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        """Add the reference, and put it into the navigation."""
        uses: dict[str, list[reference.Page]] = {}
        for file in files.documentation_pages():
            text = file.content_string
            self.used[file.src_uri] = blocks.operations(text)
            title = _TITLE.search(text)
            page = reference.Page(file.src_uri, title[1] if title else file.src_uri)
            for _, name in self.used[file.src_uri]:
                uses.setdefault(name, []).append(page)
        areas, stateful = reference.areas(), reference.stateful()
        models = reference.models(areas)
        for area in areas:
            content = reference.page(area, uses, stateful, models)
            files.append(File.generated(config, area.path, content=content))
        index = f"{reference.FOLDER}/index.md"
        files.append(File.generated(config, index, content=reference.index(areas)))
        shared = f"{reference.FOLDER}/{reference.SHARED}.md"
        files.append(File.generated(config, shared, content=reference.shared(models)))
        grouped: dict[str, list[dict[str, str]]] = {}
        for area in areas:
            grouped.setdefault(area.product.capitalize(), []).append({area.title: area.path})
        nav = [index, *({product: pages} for product, pages in grouped.items()), shared]
        config.nav = [*(config.nav or []), {"Reference": nav}]
        return files

    def on_page_markdown(self, markdown: str, page: SitePage) -> str:
        """Link the operations that a page by hand names, and list those that it uses."""
        path = page.file.src_uri
        if path not in self.used:
            return markdown
        parts = _FENCE.split(markdown)
        parts[::2] = [_NAME.sub(lambda found: _linked(found[1], path), part) for part in parts[::2]]
        return "".join(parts) + _listed(self.used[path], path)


def _linked(name: str, path: str) -> str:
    operation = OPERATIONS.get(name)
    return f"`{name}`" if operation is None else _link(operation.area, name, path)


def _link(area: str, name: str, path: str) -> str:
    target = posixpath.relpath(f"{reference.FOLDER}/{area}.md", posixpath.dirname(path) or ".")
    return f"[`{name}`]({target}#{name})"


def _listed(used: Iterable[tuple[str, str]], path: str) -> str:
    lines = [
        f"- {_link(area, name, path)}: {OPERATIONS[name].method} `{OPERATIONS[name].path}`"
        for area, name in used
    ]
    return "\n".join(["", "## Operations on this page", "", *lines, ""]) if lines else ""


_site = Site()


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Called by mkdocs."""
    _site.used.clear()
    return _site.on_files(files, config)


def on_page_markdown(markdown: str, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
    """Called by mkdocs."""
    del config, files
    return _site.on_page_markdown(markdown, page)
