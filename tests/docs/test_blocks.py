"""Which operations a page uses is read from its code."""

from __future__ import annotations

import pytest

from docsite.blocks import blocks, operations

PAGE = """# Page

```python
from mailgun_client.api.messages import send_message, send_mime_message
from mailgun_client.models import SendMessageBody
```

```sh
from mailgun_client.api.routes import create_route
```

```python
def later():
    from mailgun_client.api.events import list_events
    from mailgun_client.api.messages import send_message
```
"""


def test_operations_are_those_that_python_imports() -> None:
    assert operations(PAGE) == [
        ("messages", "send_message"),
        ("messages", "send_mime_message"),
        ("events", "list_events"),
    ]


def test_a_block_knows_its_place() -> None:
    found = blocks(PAGE)
    assert [(one.language, one.line) for one in found] == [("python", 4), ("sh", 9), ("python", 13)]
    lines = PAGE.splitlines()
    assert all(lines[one.line - 1] == one.text.splitlines()[0] for one in found)


def test_an_indented_fence_is_told() -> None:
    with pytest.raises(ValueError, match="line 3"):
        blocks("a\n\n    ```python\n")
