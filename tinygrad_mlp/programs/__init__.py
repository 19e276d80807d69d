"""A recorded computation as a program: recorded, written to read, compiled to run fast.

Import ``compiling.compiled.compile`` and ``writing.source.source``.
"""
