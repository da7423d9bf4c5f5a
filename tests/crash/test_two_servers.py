# SPDX-License-Identifier: Apache-2.0
"""Two servers on one database, raced through both, with a reader behind."""
import threading
import time

import daemon
from racers import Load, Manner
from trial import Trial, main

# Whichever comes first; a slow machine must not fail for being slow.
COMMANDS = 4000
LIMIT_S = 30
COMMANDS_LEAST = 400
POLL_PAUSE_S = 0.002
MANNER = Manner(thread_count=8, twin_share=0.15, resend_share=0.10, reuse_share=0.03,
                stale_share=0.05, illegal_share=0.3)


class Reader(threading.Thread):
    """Asks for what lies behind the last position it saw, as a federation peer
    would: as cpts_app, in scope *."""

    def __init__(self, database):
        super().__init__(name="reader")
        self.session = daemon.Session(database, "cpts_app")
        self.session.rows("SELECT set_config('app.scope', '*', false)")
        self.stopping = threading.Event()
        self.seen = []
        self.polls = 0
        self.failure = None

    def run(self):
        try:
            while not self.stopping.wait(POLL_PAUSE_S):
                self.poll()
            self.poll()
            self.session.close()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def poll(self):
        last = self.seen[-1][0] if self.seen else 0
        for position, command_id in self.session.rows(
                "SELECT local_position, command_id FROM cpts.change_log"
                f" WHERE local_position > {last} ORDER BY local_position"):
            self.seen.append((int(position), command_id))
        self.polls += 1

    def end(self):
        self.stopping.set()
        self.join()
        if self.failure is not None:
            raise self.failure
        return self.seen


class TwoServers(Trial):
    def test_two_servers__race_leaves_one_effect_each_and_no_gap_for_a_reader(self):
        folder = self.enterContext(daemon.folder())
        database = self.enterContext(daemon.registry())
        servers = [daemon.Daemon(folder, name, database).start() for name in ("one", "two")]
        for server in servers:
            self.addCleanup(server.close)
        reader = Reader(database)
        reader.start()
        try:
            with Load(servers, self.seed, MANNER) as load:
                limit = time.monotonic() + LIMIT_S
                daemon.wait_until(lambda: len(load.history.operations) >= COMMANDS
                                  or time.monotonic() > limit, "commands", 2 * LIMIT_S)
        finally:
            seen = reader.end()
        figures = load.history.count()
        self.assertNotIn("commands UNKNOWN", figures)
        for reason in ("OK replayed", "ABORTED STALE_VERSION",
                       "FAILED_PRECONDITION ILLEGAL_STAGE_STEP",
                       "ALREADY_EXISTS COMMAND_ID_REUSED"):
            self.assertIn(f"answers {reason}", figures)
        twins = sum(is_twin(operation) for operation in load.history.operations)
        self.assertGreater(len(load.history.operations), COMMANDS_LEAST)
        self.assertGreater(twins, COMMANDS_LEAST / 20)
        self.judge(load, database, seen, twins=twins, reader_polls=reader.polls)


def is_twin(operation):
    """Both servers had it at the same time."""
    first, *more = operation.attempts
    return bool(more) and more[0].server != first.server and more[0].began_ns < first.ended_ns


if __name__ == "__main__":
    main()
