"""``python -m tinygrad_mlp`` is the command ``tinygrad-mlp``."""

import sys

from tinygrad_mlp.cli import main

sys.exit(main())
