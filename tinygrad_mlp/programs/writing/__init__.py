"""A recorded computation, its gradient included, as source or equations to read.

``tasks`` says what is to be written; ``derivation`` chooses lines, names (``naming``) and their
order; ``statements`` makes each an expression (``expressions``, ``literals``, ``formatting``);
``printing`` puts them together, with copies of the functions that they need (``definitions``).

The room ``equations`` tells the same lines as mathematics, which ``letters`` turns into words for
comments; the room ``javascript`` says them in another language.

Import ``source.source``, which is what users call.
"""
