"""The colours of drawings, for a white page, a dark screen and a printer without colours."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """Colours of one kind of box.  The kinds differ in lightness and line too, not in hue alone."""

    fill: str
    border: str
    dashed: bool = False


class Theme(NamedTuple):
    """Colours of everything; ``looks`` has one for each role of a node, and one for ops."""

    page: str
    paper: str
    ink: str
    quiet_ink: str
    gradient_ink: str
    edge: str
    highlight: str
    scope_fill: str
    scope_border: str
    looks: dict[str, Look]


# Blue, green and amber of these lightnesses stay apart for every kind of colour blindness.
_LIGHT = Theme(
    page="#ffffff",
    paper="#ffffff",
    ink="#222222",
    quiet_ink="#4d4d4d",
    gradient_ink="#a34700",
    edge="#555555",
    highlight="#c2185b",
    scope_fill="#f4f4f4",
    scope_border="#b0b0b0",
    looks={
        "input": Look("#d3e6f8", "#1d4f7c"),
        "parameter": Look("#9fd8c0", "#0b5d47"),
        "operation": Look("#ececec", "#444444"),
        "constant": Look("#ffffff", "#777777", dashed=True),
        "op": Look("#ffe6ad", "#7a5a00"),
        "group": Look("#e3daf2", "#4b3a78"),
        "error": Look("#fbd3d0", "#b3261e"),
    },
)

_DARK = Theme(
    page="#15181c",
    paper="#1e2329",
    ink="#eceff2",
    quiet_ink="#c3c9cf",
    gradient_ink="#ffb27a",
    edge="#a4adb6",
    highlight="#ff79b0",
    scope_fill="#1b1f25",
    scope_border="#5a636d",
    looks={
        "input": Look("#1f4468", "#7fb8ea"),
        "parameter": Look("#0f5c48", "#63d3ae"),
        "operation": Look("#3a424b", "#aab3bc"),
        "constant": Look("#1e2329", "#8d969f", dashed=True),
        "op": Look("#5c4708", "#e6bd52"),
        "group": Look("#443a63", "#b9a7ea"),
        "error": Look("#6b1f1a", "#ff8a80"),
    },
)

_PRINT = Theme(
    page="#ffffff",
    paper="#ffffff",
    ink="#000000",
    quiet_ink="#000000",
    gradient_ink="#000000",
    edge="#000000",
    highlight="#000000",
    scope_fill="#ffffff",
    scope_border="#808080",
    looks={
        "input": Look("#ffffff", "#000000"),
        "parameter": Look("#c4c4c4", "#000000"),
        "operation": Look("#ececec", "#000000"),
        "constant": Look("#ffffff", "#000000", dashed=True),
        "op": Look("#ffffff", "#000000"),
        "group": Look("#dcdcdc", "#000000"),
        "error": Look("#a0a0a0", "#000000"),
    },
)

THEMES = {"light": _LIGHT, "dark": _DARK, "print": _PRINT}
