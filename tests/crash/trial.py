# SPDX-License-Identifier: Apache-2.0
"""What the crash tests share: the seed, the verdict and the figures."""
import os
import random
import sys
import unittest

import checker
import stored
from daemon import wait_until
from psql import main  # noqa: F401

PROGRESS_COUNT = 20


class Trial(unittest.TestCase):
    """A test with a seed; SEED=n repeats a run's choices (never its timing)."""

    def setUp(self):
        self.seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
        self.rng = random.Random(self.seed)
        print(f"{self.id()}: SEED={self.seed}", flush=True)

    @staticmethod
    def wait_for_progress(load):
        before = load.acknowledged_count()
        wait_until(lambda: load.acknowledged_count() > before + PROGRESS_COUNT,
                   "commands acknowledged")

    def judge(self, load, database, seen=None, **figures):
        """Fails with every violation; prints the figures."""
        found = stored.read(database)
        broken = checker.violations(load.history, found, seen)
        figures.update(load.history.count())
        figures["stored"] = len(found.log)
        figures["checks"] = len(checker.CHECKS) + (seen is not None)
        for name, value in figures.items():
            print(f"  {name}: {value}")
        sys.stdout.flush()
        self.assertFalse(broken, "\n".join(
            f"{name}: {sentence}" for name, every in broken.items() for sentence in every))
        self.assertGreater(len(found.log), 0, "nothing was stored: nothing was tested")
        return found

