"""What the packaged program begins with."""

import sys

from rapport.cli import main

sys.exit(main())
