"""What a function does with arrays, seen once, as a list of steps without anything superfluous.

``tracing`` runs it on Values; ``simplifying`` makes a ``program`` of the graph; ``outside`` says
until when it holds.  Import ``tracing.trace``.
"""
