"""`python -m overflight` is the `overflight` command."""

import sys

from overflight.cli.main import main

sys.exit(main())
