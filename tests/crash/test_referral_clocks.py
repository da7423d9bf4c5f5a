# SPDX-License-Identifier: Apache-2.0
"""Clocks of referrals on a database whose clock is frozen, jumps ahead and is set
back, with two servers on it, which are killed: each expiry has one effect.

No time is asserted: a clock that was due has fired before whatever the test does
next, and one that was not due has not."""
import collections
import signal
import unittest

import daemon
import fake_clock
import referrals
from psql import main
from referrals import Referral

COUNT = 150  # more than two rounds of one server
OVERDUE, WIDEN = 28, 27


class ReferralClocks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = fake_clock.FakeClockCluster(cls.enterClassContext(daemon.folder()))
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        self.folder = self.enterContext(daemon.folder())
        self.database = self.enterContext(daemon.registry())
        self.ids = []
        for _ in range(4):
            cpts_id, insertion = referrals.cpts()
            self.database.query(insertion)
            self.ids.append(cpts_id)
        self.servers = [daemon.Daemon(self.folder, name, self.database) for name in ("one", "two")]
        for server in self.servers:
            self.addCleanup(server.close)

    def start(self):
        for server in self.servers:
            server.start()

    def insert(self, count, **changes):
        """That many referrals, in one transaction."""
        wanted = {"origin": self.ids[0], "destination": self.ids[1], **changes}
        made = [Referral(**wanted) for _ in range(count)]
        self.database.query("BEGIN;" + "\n".join(
            line for one in made for line in one.insertion()) + "COMMIT;")
        return made

    def due_in(self, span, kind="DECIDE", level=0):
        return ((kind, f"cpts.log_now() + interval '{span}'", level),)

    def fired(self):
        """Times that each referral's clock fired, by the log."""
        return collections.Counter(row[0] for row in self.database.query(
            "SELECT referral_id FROM cpts.referral_history()"
            f" WHERE event IN ({OVERDUE}, {WIDEN});"))

    def times(self, made):
        fired = self.fired()
        return [fired[one.id] for one in made]

    def wait_for(self, made, times):
        """Every one has fired that often, and none more often."""
        daemon.wait_until(lambda: min(self.times(made)) >= times, "effect")
        self.assertEqual(set(self.times(made)), {times})

    def pass_by(self):
        """Both servers look once more: one that is due since an instant fires."""
        [sentinel] = self.insert(1, clocks=self.due_in("-1 second"))
        self.wait_for([sentinel], 1)

    def check(self):
        self.assertEqual(referrals.faults(self.database), [])
        self.assertEqual(self.database.query(
            "SELECT command_id FROM cpts.change_log GROUP BY 1 HAVING count(*) > 1;"), [])
        self.assertEqual(self.database.query(
            "SELECT a.local_position FROM cpts.change_log a JOIN cpts.change_log b"
            " ON b.local_position = a.local_position + 1 WHERE b.recorded_at < a.recorded_at;"), [],
            "time ran back in the log")

    def test_referral_clocks__frozen_ahead_and_back_with_two_servers(self):
        later = self.insert(COUNT, clocks=self.due_in("2 hours"))
        wide = self.insert(COUNT, candidates=self.ids[2:],
                           clocks=(*self.due_in("30 days"), *self.due_in("2 hours", "WIDEN")))
        self.start()
        self.pass_by()
        self.wait_for(later + wide, 0)
        self.cluster.jump(hours=2, seconds=1)
        self.wait_for(later + wide, 1)
        self.assertEqual(self.database.value(
            "SELECT count(*) FROM cpts.assignment WHERE overdue = 1;"), str(COUNT))
        self.cluster.jump(days=-1)
        self.pass_by()
        self.wait_for(later + wide, 1)
        self.cluster.jump(days=1, minutes=31)
        self.wait_for(wide, 2)
        self.wait_for(later, 1)
        self.cluster.jump(days=20)
        self.wait_for(later, 2)
        self.pass_by()
        self.wait_for(later, 2)
        # Both of the new attempts were due to decide, the first one is not.
        self.wait_for(wide, 4)
        self.assertEqual(self.database.query(
            "SELECT status, count(*) FROM cpts.referral GROUP BY 1;")[0][0], "OPEN")
        self.check()

    def test_referral_clocks__killed_servers_lose_none_and_repeat_none(self):
        first = self.insert(3 * COUNT, clocks=self.due_in("1 hour"))
        self.start()
        self.pass_by()
        self.cluster.jump(hours=1, seconds=1)
        for server in self.servers:
            done = sum(self.times(first))
            daemon.wait_until(lambda: sum(self.times(first)) > done or done == len(first),
                              "more effects")
            server.send(signal.SIGKILL)
            server.process.wait(daemon.WAIT_TIMEOUT_S)
        self.cluster.jump(minutes=30)
        self.start()
        self.wait_for(first, 1)
        self.pass_by()
        self.wait_for(first, 1)
        self.check()

    def test_referral_clocks__what_was_due_while_none_ran_fires_in_order(self):
        made = []
        for minutes in (50, 10, 40, 20, 30):
            made += [(minutes, one) for one in self.insert(
                COUNT // 5, clocks=self.due_in(f"{minutes} minutes"))]
        self.cluster.stop()
        self.cluster.jump(hours=1)
        self.cluster.launch()
        self.servers[0].start()
        self.wait_for([one for _, one in made], 1)
        due = {one.id: minutes for minutes, one in made}
        fired = [due[row[0]] for row in self.database.query(
            "SELECT aggregate_id FROM cpts.change_log WHERE kind = 'REFERRAL_ACTED'"
            " ORDER BY local_position;")]
        self.assertEqual(fired, sorted(fired))
        self.assertEqual(self.database.value(
            "SELECT count(*) FROM cpts.referral_clock k JOIN cpts.assignment USING (assignment_id)"
            " WHERE k.level = 1 AND k.fire_at = k.armed_at + interval '1 hour';"), str(COUNT),
            "armed from when it fired, not from when it was due")
        self.check()


if __name__ == "__main__":
    main()
