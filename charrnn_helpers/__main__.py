"""`python -m charrnn_helpers`: train on a text of your own, and let the network write."""

import sys

from charrnn_helpers.longtext.command_line import main

sys.exit(main())
