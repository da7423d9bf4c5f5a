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
        self.seen = set()
        self.give(os.getpid())

    def give(self, process):
        try:
            os.setpriority(os.PRIO_PROCESS, process, self.nice)
            pathlib.Path(f"/proc/{process}/autogroup").write_text(str(self.nice), encoding="ascii")
        except ProcessLookupError:
            pass
        except FileNotFoundError:
            pass

    def watch(self, postmaster):
        """Looks for new backends of that PostgreSQL as long as the program runs."""
        self.give(postmaster)
        threading.Thread(target=self.look, args=(postmaster,), daemon=True).start()

    def look(self, postmaster):
        children = pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children")
        pause = threading.Event()
        while children.exists():
            for process in set(children.read_text(encoding="ascii").split()) - self.seen:
                self.seen.add(process)
                self.give(int(process))
            pause.wait(LOOK_EVERY_S)
