"""``python -m tinygrad_mlp`` is the command ``tinygrad-mlp``."""

import sys

from tinygrad_mlp.commands.main import main

sys.exit(main())
