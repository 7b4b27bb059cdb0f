"""What the project costs, as ratios to a baseline measured in the same run: `make bench`.

Nothing here passes or fails by the clock. Baseline and contestants take turns, so that a busy
machine slows them all alike; a ratio of 2.00 means twice the time of the baseline.
"""

import sys
from pathlib import Path

GENERATED = Path(__file__).parents[1] / "generated"
# What is measured is the client beside these files, whichever checkout is installed.
if str(GENERATED) not in sys.path[:1]:
    sys.path.insert(0, str(GENERATED))
