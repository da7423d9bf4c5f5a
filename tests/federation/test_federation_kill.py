# SPDX-License-Identifier: Apache-2.0
"""kill -9 at every failpoint of each side (FAILPOINT of wire/failpoint.h), under traffic:
what was told is there, once, everywhere. TIMES=n kills each so often."""
import os
import time
import unittest

import reach  # noqa: F401
from fleet import points
from psql import main
from voyage import Voyage, wait_until

REGION = "11"
REGIONS = (REGION, "52")
BINARY = "cptsd_failpoints"
TIMES = int(os.environ.get("TIMES") or 1)
HITS_MAX = 3
DEATH_TIMEOUT_S = 120
PROVOKE_AGAIN_S = 4
# What makes a node come by a point, by the first part of its name; traffic alone does for
# the others.
PROVOKED = {"snapshot": "rescope", "staging": "rescope", "session": "cut"}
# Points that others kill at, by the first part of the name: clients' own, the hand-over's,
# the restore's.
ELSEWHERE = frozenset({"outbox", "ownership", "restoring"})


class Kill(Voyage):
    def setUp(self):
        super().setUp()
        self.sail(regions=REGIONS, binaries={"national": BINARY, f"region/{REGION}": BINARY})
        self.sides = {"national": self.fleet.national, "region": self.fleet.regions[REGION]}
        self.others = {"national": self.sides["region"], "region": self.sides["national"]}

    def provoke(self, side, name):
        """Makes the node come by, where traffic alone does not."""
        way = PROVOKED.get(name.partition("/")[0])
        if way == "rescope":
            # Whoever is to see other things than before is told everything anew.
            sink = self.sides[side] if name.startswith("staging/") else self.others[side]
            source = self.others[side] if sink is self.sides[side] else self.sides[side]
            sink.database.query("UPDATE cpts.sync_cursor SET scope_hash = sha256('another scope')"
                                f" WHERE peer = '{source.node}';")
        if way is not None:
            self.fleet.proxies[REGION].cut()

    def kill_at(self, side, name):
        member = self.sides[side]
        is_rare = name.partition("/")[0] in PROVOKED
        member.order(f"kill/{name} {1 if is_rare else self.rng.randint(1, HITS_MAX)}")
        again_at, pause_s = 0, PROVOKE_AGAIN_S

        def is_dead():
            nonlocal again_at, pause_s
            if not member.has_ended() and time.monotonic() >= again_at:
                self.provoke(side, name)
                again_at = time.monotonic() + pause_s
                pause_s *= 2
            return member.has_ended()
        wait_until(is_dead, f"death of {side} at {name}", DEATH_TIMEOUT_S)
        self.assertEqual(member.process.returncode, -9, member.log()[-2000:])
        early = list(self.early_acknowledgements())
        member.order()
        member.start()
        self.assertEqual(early, [], (side, name))

    def test_kill__at_every_failpoint_of_each_side(self):
        deaths = [(side, name) for name in points("FAILPOINT") for side in self.sides
                  if name.partition("/")[0] not in ELSEWHERE] * TIMES
        self.assertGreater(len(deaths), 0)
        self.rng.shuffle(deaths)
        with self.traffic.running():
            for side, name in deaths:
                with self.subTest(side=side, failpoint=name):
                    self.kill_at(side, name)
                    self.wait_for_commands(1)
        self.judge_voyage(kills=len(deaths))


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
