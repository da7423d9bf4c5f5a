# SPDX-License-Identifier: Apache-2.0
"""100,000 random commands on referrals against the server and a plain model.

  COMMANDS=n SEED=n  as many commands, the same choices (never the same timing)
"""
import collections
import os
import random
import unittest

import verdict
from cast import Cast
from driver import Driver
from psql import main

COMMANDS = 100000
THREADS = 12


class Referral(unittest.TestCase):
    def test_model__random_commands_keep_every_invariant(self):
        seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
        count = int(os.environ.get("COMMANDS") or COMMANDS)
        cast = Cast()
        try:
            driver = Driver(cast, seed, count)
            driver.run(THREADS)
            cast.node.check_alive()
            broken, found = verdict.violations(cast.node.database, cast.identities(),
                                               driver.attempts, random.Random(seed))
        finally:
            cast.close()
        print(f"commands={count} seed={seed}")
        print(f"  answers {len(driver.attempts)}, entries {len(found)}, "
              f"referrals {len(driver.known)}")
        steps = collections.Counter(entry.step() for entry in found)
        print("  " + ", ".join(f"{name} {number}" for name, number in sorted(steps.items())))
        for (code, reason), number in sorted(collections.Counter(
                (a.code, a.reason) for a in driver.attempts).items()):
            print(f"  {code} {reason}: {number}")
        if broken:
            self.fail(verdict.text(broken))
        self.assertGreater(len(found), count // 10, "hardly anything was recorded")


if __name__ == "__main__":
    main()
