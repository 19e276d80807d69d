"""The colours of drawings, for a white page, a dark screen and a printer without colours."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """Colours of one kind of box.  The kinds differ in lightness and line too, not in hue alone."""

    fill: str
    border: str
    dashed: bool = False


class Key(NamedTuple):
    """One entry of a legend: a swatch, or a piece of a line, and what it means."""

    text: str
    fill: str
    border: str
    dashed: bool = False
    width: float = 1.0
    rounded: bool = False
    is_line: bool = False


class Theme(NamedTuple):
    """Colours of everything.

    ``positive``, ``negative`` and ``neutral`` are those of weights, and negative lines are dashed
    too; ``heat`` are fills for small numbers to large ones; ``looks`` has one for each role of a
    node, and one for ops.
    """

    page: str
    paper: str
    ink: str
    quiet_ink: str
    gradient_ink: str
    edge: str
    highlight: str
    scope_fill: str
    scope_border: str
    positive: str
    negative: str
    neutral: str
    heat: tuple[str, ...]
    looks: dict[str, Look]


# Blue, green and amber of these lightnesses stay apart for every kind of colour blindness, and in
# grey: computed values, ops, inputs and what is learned have a lightness (L*) of 95, 89, 80, 73.
_LIGHT = Theme(
    page="#ffffff",
    paper="#ffffff",
    ink="#222222",
    quiet_ink="#404040",
    gradient_ink="#a34700",
    edge="#555555",
    highlight="#c2185b",
    scope_fill="#f4f4f4",
    scope_border="#b0b0b0",
    positive="#1f6fb4",
    negative="#d9730d",
    neutral="#b5b5b5",
    heat=("#ffffff", "#fff4c2", "#ffe28a", "#ffc968", "#ffad5c", "#fb9564"),
    looks={
        "input": Look("#aecbea", "#1d4f7c"),
        "parameter": Look("#7cc0a2", "#0b5d47"),
        "operation": Look("#f1f1f1", "#444444"),
        "constant": Look("#ffffff", "#777777", dashed=True),
        "op": Look("#ffdb94", "#7a5a00"),
        "group": Look("#d9cff0", "#4b3a78"),
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
    positive="#6db3f2",
    negative="#ffa55c",
    neutral="#6a737d",
    heat=("#1e2329", "#262c4a", "#44294f", "#642a4c", "#80303a", "#8f3a18"),
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
    highlight="#707070",  # the frame of an output is black
    scope_fill="#ffffff",
    scope_border="#808080",
    positive="#000000",
    negative="#000000",
    neutral="#909090",
    heat=("#ffffff", "#efefef", "#dfdfdf", "#cecece", "#bcbcbc", "#a8a8a8"),
    looks={
        "input": Look("#ffffff", "#000000"),
        "parameter": Look("#b0b0b0", "#000000"),
        "operation": Look("#e4e4e4", "#000000"),
        "constant": Look("#ffffff", "#000000", dashed=True),
        "op": Look("#cacaca", "#000000"),
        "group": Look("#d6d6d6", "#000000"),
        "error": Look("#a0a0a0", "#000000"),
    },
)

THEMES = {"light": _LIGHT, "dark": _DARK, "print": _PRINT}
