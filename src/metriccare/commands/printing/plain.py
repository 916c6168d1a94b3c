"""Text of data as rich prints it: never read as markup, never able to steer a terminal.

Units such as `[degF]` and names such as `[closed]` look like rich's markup. Every cell, header,
title, stage and name a command prints with rich goes through here.
"""

from __future__ import annotations

from rich.text import Text

# An escape character in data could move the cursor or recolour the screen.
_SHOWN = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127, *range(128, 160))}


def plain(text: object, style: str = "") -> Text:
    """Return a text to be printed as it is, control characters spelt out."""
    return Text(str(text).translate(_SHOWN), style=style)
