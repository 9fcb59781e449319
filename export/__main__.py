"""`python -m edgeproof.export`, the same as `edgeproof export`."""

import sys

from ..edge.cli import run_program

sys.exit(run_program("edgeproof.export.cli", sys.argv[1:]))
