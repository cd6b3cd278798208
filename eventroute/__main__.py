"""``python -m eventroute`` is the command ``eventroute``."""

import sys

from eventroute.cli import main

if __name__ == "__main__":
    sys.exit(main())
