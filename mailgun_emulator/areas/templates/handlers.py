"""The operations on templates and on their versions.

Those of the account come without a domain, whose name is empty then (TPL-028).
"""

from __future__ import annotations

from typing import Any

from mailgun_emulator.areas.templates.store import Template, TemplateStore, Version
from mailgun_emulator.call import Call
from mailgun_emulator.handlers import operation
from mailgun_emulator.paging import Links, clamp, pivot_page
from mailgun_emulator.reply import ApiError

COVERS = ("templates", "account_templates")

# TPL-023; the last one is in the older documents only.
MAX_TEMPLATES = 100
MAX_VERSIONS = 40
MAX_CONTENT = 100 * 1024
PAGE = 100
FIRST_TAG = "initial"

NO_TEMPLATE = "template not found"
NO_VERSION = "template version not found"
# TPL-029: that these are refused is known, with which words is not.
TEMPLATE_EXISTS = "template with this name already exists"
VERSION_EXISTS = "template version with this tag already exists"
TOO_MANY_TEMPLATES = f"a domain or account is limited to {MAX_TEMPLATES} templates"
TOO_MANY_VERSIONS = f"a template is limited to {MAX_VERSIONS} versions"
TOO_LARGE = "template content is limited to 100KB"


@operation("list_templates")
@operation("list_account_templates")
def list_templates(call: Call) -> dict[str, Any]:
    """TPL-012 to TPL-014."""
    templates = call.store(TemplateStore).all(call.domain)
    page = pivot_page(call, templates, lambda t: t.name, limit=_limit(call), pivot="p")
    return {"items": [template.shown() for template in page.items], "paging": page.paging}


@operation("create_template")
@operation("create_account_template")
def create_template(call: Call) -> dict[str, Any]:
    """TPL-001 to TPL-006, TPL-029."""
    store = call.store(TemplateStore)
    name = _text(call, "name").lower()
    if store.find(call.domain, name):
        raise ApiError(400, TEMPLATE_EXISTS)
    if len(store.all(call.domain)) >= MAX_TEMPLATES:
        raise ApiError(400, TOO_MANY_TEMPLATES)
    template = Template(
        name,
        call.state.ids.uuid(),
        call.now,
        description=_text(call, "description"),
        created_by=_text(call, "createdBy"),
    )
    shown = template.shown()
    if _text(call, "template"):
        version = _version(call, _text(call, "tag") or FIRST_TAG)
        template.add(version, active=True)
        shown["version"] = version.shown()
    store.put(call.domain, template)
    return {"message": "template has been stored", "template": shown}


@operation("clear_templates")
@operation("clear_account_templates")
def clear_templates(call: Call) -> dict[str, Any]:
    """TPL-011."""
    call.store(TemplateStore).forget_domain(call.domain)
    return {"message": "templates have been deleted"}


@operation("get_template")
@operation("get_account_template")
def get_template(call: Call) -> dict[str, Any]:
    """TPL-007, TPL-008."""
    template = _template(call)
    shown = template.shown()
    if _yes(call.query.get("active")) and template.active:
        shown["version"] = template.active.shown()
    return {"template": shown}


@operation("update_template")
@operation("update_account_template")
def update_template(call: Call) -> dict[str, Any]:
    """TPL-009."""
    template = _template(call)
    if "description" in call.form:
        template.description = _text(call, "description")
    return {"message": "template has been updated", "template": {"name": template.name}}


@operation("delete_template")
@operation("delete_account_template")
def delete_template(call: Call) -> dict[str, Any]:
    """TPL-010."""
    template = _template(call)
    call.store(TemplateStore).drop(call.domain, template)
    return {"message": "template has been deleted", "template": {"name": template.name}}


@operation("list_template_versions")
@operation("list_account_template_versions")
def list_template_versions(call: Call) -> dict[str, Any]:
    """TPL-018."""
    template = _template(call)
    versions = [template.versions[tag] for tag in sorted(template.versions)]
    page = pivot_page(call, versions, lambda v: v.tag, limit=_limit(call), pivot="p")
    paging: Links = page.paging
    listed = [version.listed() for version in page.items]
    return {"template": {**template.shown(), "versions": listed}, "paging": paging}


@operation("create_template_version")
@operation("create_account_template_version")
def create_template_version(call: Call) -> dict[str, Any]:
    """TPL-015 to TPL-017, TPL-029."""
    template = _template(call)
    version = _version(call, _text(call, "tag"))
    if version.tag in template.versions:
        raise ApiError(400, VERSION_EXISTS)
    _room(template)
    template.add(version, active=_yes(_text(call, "active")))
    return {
        "message": "new version of the template has been stored",
        "template": {**template.shown(), "version": version.shown()},
    }


@operation("get_template_version")
@operation("get_account_template_version")
def get_template_version(call: Call) -> dict[str, Any]:
    """TPL-019."""
    template = _template(call)
    return {"template": {**template.shown(), "version": _existing(call, template).shown()}}


@operation("update_template_version")
@operation("update_account_template_version")
def update_template_version(call: Call) -> dict[str, Any]:
    """TPL-017, TPL-020: what is not sent stays."""
    template = _template(call)
    version = _existing(call, template)
    if "template" in call.form:
        version.template = _content(call)
    if "comment" in call.form:
        version.comment = _text(call, "comment")
    if "headers" in call.form:
        version.headers = dict(call.values["headers"])
    if _yes(_text(call, "active")):
        template.activate(version)
    return _reference("version has been updated", template, version)


@operation("delete_template_version")
@operation("delete_account_template_version")
def delete_template_version(call: Call) -> dict[str, Any]:
    """TPL-021."""
    template = _template(call)
    version = _existing(call, template)
    del template.versions[version.tag]
    return _reference("version has been deleted", template, version)


@operation("copy_template_version")
@operation("copy_account_template_version")
def copy_template_version(call: Call) -> dict[str, Any]:
    """TPL-022: a version that is overwritten keeps its place as the active one."""
    template = _template(call)
    source = _existing(call, template)
    tag = str(call.path["new_version_name"]).lower()
    replaced = template.version(tag)
    if replaced is None:
        _room(template)
    copy = Version(
        tag,
        call.state.ids.uuid(),
        call.now,
        source.template,
        comment=str(call.param("comment", source.comment)),
        headers=dict(source.headers),
    )
    template.add(copy, active=replaced is not None and replaced.active)
    return {"message": "version has been copied", "version": copy.shown(), "template": copy.shown()}


def _template(call: Call) -> Template:
    found = call.store(TemplateStore).find(call.domain, str(call.path["template_name"]))
    if found is None:
        raise ApiError(404, NO_TEMPLATE)
    return found


def _existing(call: Call, template: Template) -> Version:
    found = template.version(str(call.path["version_name"]))
    if found is None:
        raise ApiError(404, NO_VERSION)
    return found


def _version(call: Call, tag: str) -> Version:
    """The version that a form describes."""
    return Version(
        tag.lower(),
        call.state.ids.uuid(),
        call.now,
        _content(call),
        comment=_text(call, "comment"),
        headers=dict(call.values.get("headers", {})),
    )


def _content(call: Call) -> str:
    content = _text(call, "template")
    if len(content.encode(errors="replace")) > MAX_CONTENT:
        raise ApiError(400, TOO_LARGE)
    return content


def _room(template: Template) -> None:
    if len(template.versions) >= MAX_VERSIONS:
        raise ApiError(400, TOO_MANY_VERSIONS)


def _reference(message: str, template: Template, version: Version) -> dict[str, Any]:
    return {
        "message": message,
        "template": {"name": template.name, "version": {"tag": version.tag}},
    }


def _text(call: Call, name: str) -> str:
    """A field of the form as text; content may be sent as a file as well."""
    files = call.uploads(name)
    return files[0].data.decode(errors="replace") if files else call.form.get(name)


def _yes(flag: Any) -> bool:
    """platform GEN-022."""
    return str(flag).lower() in ("yes", "true")


def _limit(call: Call) -> int:
    return clamp(call.query.get("limit"), default=PAGE, highest=PAGE)
