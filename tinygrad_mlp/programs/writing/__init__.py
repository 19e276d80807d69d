"""A recorded computation, its gradient included, as source or equations to read.

``tasks`` says what is to be written; ``derivation`` chooses lines, names (``naming``) and their
order; ``statements`` makes each an expression (``expressions``, ``literals``, ``formatting``);
``printing`` puts them together, with copies of the functions that they need (``definitions``).

``equations`` tells the same lines as mathematics: ``symbols`` says what each value is called, and
``deltas`` which gradients are δ; the formulas are those of whole ``arrays``, with numbers
(``substitution``) if asked, or those of ``elements`` (``indices``); ``formulas`` knows where
parentheses are needed, ``spelling`` what σ′ is made of, and ``letters`` how a comment says it.

Import ``source.source``, which is what users call.
"""
