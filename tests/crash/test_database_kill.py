# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL dies under a server that must come back by itself."""
import signal
import time

import daemon
from racers import Load, Manner
from trial import Trial, main

# SIGQUIT is `pg_ctl stop -m immediate`.
CRASHES = (signal.SIGQUIT, signal.SIGKILL)
MANNER = Manner(call_timeout_s=2, patience_s=120)
TERMINATIONS = 8
TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE application_name = 'cptsd write' AND datname = current_database();"""


class DatabaseKill(Trial):
    def test_database_kill__server_reconnects_and_never_tells_a_false_ok(self):
        folder = self.enterContext(daemon.folder())
        cluster = daemon.Cluster(folder)
        self.addCleanup(cluster.stop)
        database = self.enterContext(daemon.registry())
        server = daemon.Daemon(folder, "one", database).start()
        self.addCleanup(server.close)
        with Load([server], self.seed, MANNER) as load:
            terminated = self.terminate_sessions(load, database)
            for number in CRASHES:
                self.make_progress(load)
                cluster.crash(number)
                cluster.start()
            self.make_progress(load)
            notices = self.stay_down(load, cluster, server)
            self.make_progress(load)
        self.assertIsNone(server.process.poll(), "the server ended")
        figures = load.history.count()
        self.assertNotIn("commands UNKNOWN", figures)
        self.assertIn("answers UNAVAILABLE DATABASE_UNAVAILABLE", figures)
        self.judge(load, database, crashes=len(CRASHES) + 1,
                   sessions_terminated=terminated, **notices)

    def make_progress(self, load):
        self.wait_for_progress(load)
        load.ended.wait(self.rng.uniform(0.05, 0.8))

    def terminate_sessions(self, load, database):
        """The write lane's session ends in the middle of batches."""
        terminated = 0
        for _ in range(TERMINATIONS):
            self.make_progress(load)
            terminated += len(database.query(TERMINATE))
        self.assertGreaterEqual(terminated, TERMINATIONS - 1)
        return terminated

    def stay_down(self, load, cluster, server):
        """Down until health says so; what is asked meanwhile is UNAVAILABLE."""
        cluster.crash(signal.SIGKILL)
        began = time.monotonic()
        daemon.wait_until(lambda: server.health() == "NOT_SERVING", "NOT_SERVING")
        noticed = time.monotonic()
        acknowledged = load.acknowledged_count()
        self.wait_for_answers(load, len(load.clients))
        self.assertEqual(acknowledged, load.acknowledged_count(), "an OK without a database")
        cluster.start()
        started = time.monotonic()
        daemon.wait_until(lambda: server.health() == "SERVING", "SERVING")
        return {"not_serving_after_s": round(noticed - began, 1),
                "serving_again_after_s": round(time.monotonic() - started, 1)}

    @staticmethod
    def wait_for_answers(load, count):
        def answers():
            return sum(len(operation.attempts) for operation in list(load.history.operations))
        before = answers()
        daemon.wait_until(lambda: answers() > before + count, "answers")


if __name__ == "__main__":
    main()
