"""Lessons from any graph: where each number of a gradient came from, step by step.

``ledger`` has ``tg.why``, ``steps`` has ``tg.steps``, ``agreement`` has ``tg.agreement``.  The
first two read ``edges``: what the loop of the backward pass handed over.  ``playing`` shows steps,
and ``live`` has ``tg.save_page``, a page that computes by itself.
"""
