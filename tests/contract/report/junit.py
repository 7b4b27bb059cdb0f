"""JUnit: a test case per operation and property that had to run."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(document: dict[str, Any]) -> str:
    suite = ET.Element("testsuite", name="contract")
    properties = ET.SubElement(suite, "properties")
    for name in ("target", "profile", "seed"):
        ET.SubElement(properties, "property", name=name, value=str(document[name]))
    for name, row in document["operations"].items():
        judged = {
            law: cell
            for law, cell in row["properties"].items()
            if cell["outcome"] != "inapplicable"
        }
        for law, cell in judged.items():
            case = ET.SubElement(
                suite,
                "testcase",
                classname=f"contract.{row['area']}.{name}",
                name=law,
                time=f"{row['seconds'] / len(judged):.3f}",
            )
            _tell(case, row, law, cell["outcome"])
    for kind, words in document["faults"].items():
        for what in document[kind]:
            case = ET.SubElement(
                suite, "testcase", classname=f"contract.run.{kind}", name=_clean(what), time="0"
            )
            ET.SubElement(case, "failure", message=_clean(f"{words}: {what}"))
    counts = {"tests": "testcase", "failures": "testcase/failure", "skipped": "testcase/skipped"}
    for name, path in counts.items():
        suite.set(name, str(len(suite.findall(path))))
    suite.set("errors", "0")
    suite.set("time", f"{document['seconds']:.1f}")
    suite.set("timestamp", document["started"].removesuffix("Z"))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _tell(case: ET.Element, row: dict[str, Any], law: str, outcome: str) -> None:
    if outcome == "broken":
        found = [each for each in row["broken"] if each["property"] == law]
        message = "; ".join(f"{each['breach']}: {each['detail']}" for each in found[:3])
        failure = ET.SubElement(case, "failure", message=_clean(message))
        failure.text = _clean("\n\n".join(map(_text, found)))
    elif outcome == "deviating":
        excused = (each for each in row["excused"] if each["property"] == law)
        names = "; ".join(dict.fromkeys(each["deviation"] for each in excused))
        ET.SubElement(case, "skipped", message=_clean(f"known deviation: {names}"))
    elif outcome == "unrun":
        # Whether it had to run, the faults of the run as a whole say.
        ET.SubElement(case, "skipped", message="no case came under this property")


def _text(row: dict[str, Any]) -> str:
    parts = (f"{row['breach']}: {row['detail']}", row["curl"], row["request"], row["response"])
    return "\n".join(part for part in parts if part)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
