"""`python -m app` is `gridcells`."""

import sys

from app.cli import main

sys.exit(main())
