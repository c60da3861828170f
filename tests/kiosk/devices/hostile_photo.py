"""Stands in for the photo's process: aborts, hangs or says nonsense, as the photo's first bytes tell it."""

import os
import signal
import sys

match sys.stdin.buffer.read(4):
    case b"hang":
        signal.pause()
    case b"talk":
        sys.stdout.write("not what was asked")
    case _:
        os.abort()
