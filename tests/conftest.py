"""What every test shares: how Hypothesis searches."""

import os

from hypothesis import settings

# No deadlines: a busy machine is not a bug.
settings.register_profile("default", deadline=None)
# On a build server every run tries the same examples, so a red build is red again.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
