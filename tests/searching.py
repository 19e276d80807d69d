"""How many examples a slow property test tries."""

from hypothesis import settings


def one_in(number: int) -> settings:
    """Settings for a test that tries one in so many of the examples that others try.

    Its share of whatever is asked for: of a quick run, and of ``./run.sh thorough``.
    """
    return settings(max_examples=settings.default.max_examples // number)
