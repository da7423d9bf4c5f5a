# SPDX-License-Identifier: Apache-2.0
"""Priority over the machine's other users, for the whole run.

Linux shares the processors between sessions first, and every PostgreSQL backend
is a session of its own: on a busy machine, pgbench's sixteen connections would
weigh sixteen times as much as the server's one. So each is put forward."""
import os
import pathlib
import threading

LOOK_EVERY_S = 0.05


class Favour:
    """Gives a priority to this process, to what it starts, and to all backends."""

    def __init__(self, nice):
        self.nice = nice
        self.give(os.getpid())

    def give(self, process):
        group = pathlib.Path(f"/proc/{process}/autogroup")
        try:
            if not group.read_text(encoding="ascii").endswith(f"nice {self.nice}\n"):
                os.setpriority(os.PRIO_PROCESS, process, self.nice)
                group.write_text(str(self.nice), encoding="ascii")
        except (ProcessLookupError, FileNotFoundError):
            pass

    def watch(self, postmaster):
        """Looks at that PostgreSQL's backends as long as the program runs. A new
        one joins its parent's session first and then begins its own, so each is
        looked at again and again."""
        self.give(postmaster)
        threading.Thread(target=self.look, args=(postmaster,), daemon=True).start()

    def look(self, postmaster):
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children")
        pause = threading.Event()
        while children.exists():
            for process in children.read_text(encoding="ascii").split():
                self.give(int(process))
            pause.wait(LOOK_EVERY_S)
