import sys

from hdhplan.cli import main

sys.exit(main())
