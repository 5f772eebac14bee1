"""`python -m fullscript_sandbox`: the same as the command `fullscript-sandbox`."""

import sys

from fullscript_sandbox.cli import main

sys.exit(main())
