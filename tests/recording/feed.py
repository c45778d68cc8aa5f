"""Records states at thirty a second until it is killed; says when it has fed one."""

import sys
import time
from pathlib import Path

from rapport.recording.header import Header
from rapport.recording.recorder import Recorder
from recording.examples import START_NS, state

recorder = Recorder(Path(sys.argv[1]), Header(start_ns=START_NS, start_wall=0.0, source="live"))
number = 0
while True:
    recorder.state(state(number))
    number += 1
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()
    time.sleep(1 / 30)
