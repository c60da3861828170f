"""A device on a serial line: a pseudo-terminal whose far end the test holds."""

from __future__ import annotations

import os
import pty
import tty
from pathlib import Path


class Wire:
    """`port` is what the gate opens; with a `link` it goes by that name, as the kernel names an adapter again."""

    def __init__(self, link: Path | None = None) -> None:
        self.device, self._line = pty.openpty()
        tty.setraw(self._line)
        self.port = os.ttyname(self._line)
        self.unplugged = False
        self._link = link
        if link:
            link.symlink_to(self.port)
            self.port = str(link)

    def send(self, data: bytes) -> None:
        os.write(self.device, data)

    def unplug(self) -> None:
        if not self.unplugged:
            self.unplugged = True
            os.close(self.device)
            os.close(self._line)
            if self._link:
                self._link.unlink()
