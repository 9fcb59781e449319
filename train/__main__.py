"""`python -m edgeproof.train`, the same as `edgeproof train`."""

import sys

from ..edge.cli import run_program

sys.exit(run_program("edgeproof.train.cli", sys.argv[1:]))
