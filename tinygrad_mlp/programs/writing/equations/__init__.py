"""A program as mathematics: its lines as equations, in LaTeX and for comments.

``printing`` puts the equations together; ``symbols`` says what each value is called, and ``deltas``
which gradients are δ.  What an equation says are formulas of whole ``arrays``, with numbers
(``substitution``) if asked, or of single ``elements``: ``indices`` tells which axes a step goes
through, ``axes`` gives them letters.  ``formulas`` knows where parentheses are needed, ``spelling``
what σ′ is made of, and ``guards`` which steps mathematics does not need.
"""
