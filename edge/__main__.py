"""`python -m edgeproof.edge`, the same as the command `edgeproof`."""

import sys

from .cli import main

sys.exit(main())
