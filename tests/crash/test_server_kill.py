# SPDX-License-Identifier: Apache-2.0
"""kill -9 of cptsd at any moment of concurrent writes."""
import daemon
from racers import Load
from trial import Trial, main

KILLS = 10


class ServerKill(Trial):
    """Clients repeat an unanswered command with its id; each counts once."""

    def test_server_kill__every_acknowledged_command_is_there_once(self):
        folder = self.enterContext(daemon.folder())
        database = self.enterContext(daemon.registry())
        server = daemon.Daemon(folder, "one", database).start()
        self.addCleanup(server.close)
        with Load([server], self.seed) as load:
            for _ in range(KILLS):
                self.wait_for_progress(load)
                load.ended.wait(self.rng.uniform(0.1, 1.2))
                server.kill()
                server.start()
            self.wait_for_progress(load)
        figures = load.history.count()
        self.assertNotIn("commands UNKNOWN", figures)
        self.assertTrue([name for name in figures if name.startswith("answers UNAVAILABLE")],
                        "no client noticed a kill")
        self.judge(load, database, kills=KILLS)


if __name__ == "__main__":
    main()
