# SPDX-License-Identifier: Apache-2.0
"""What the tests of a whole federation share: the fleet, waiting until all agree, and the
verdict."""
import threading
import time

import reach  # noqa: F401
import fleet
import ledger
from daemon import wait_until
from traffic import QUIET, Traffic
from trial import Trial

# Between two looks at all databases.
LOOK_S = 0.1
# A row with something sealed in it is long.
SENTENCE_MAX = 600
_never = threading.Event()
ALARMS = "SELECT peer, alarm, aggregate, detail, times FROM cpts.federation_alarm"
PARKED = "SELECT peer, aggregate_kind, aggregate_id, reason, detail FROM cpts.parked_aggregate"
ACKNOWLEDGED = ("SELECT coalesce(max(acknowledged_position), 0) FROM cpts.sync_cursor"
                " WHERE peer = '{}';")
KNOWS = "SELECT count(*) FROM cpts.sync_cursor WHERE peer = '{}' AND epoch > 0;"
STORED = "SELECT coalesce(max(position), 0) FROM cpts.sync_cursor WHERE peer = '{}';"


# Whether a signature came in time says how fast the machine is, and how long a network was away.
TIMED_ALARM = "CHECKPOINT_LATE"


class Voyage(Trial):
    """A federation under traffic. Subclasses break it."""

    # Alarms that this test provokes.
    expected_alarms = frozenset()
    # Longer on a machine that others use; what is there earlier is seen earlier.
    converge_timeout_s = fleet.CONVERGE_TIMEOUT_S

    def sail(self, manner=QUIET, start=True, **arguments):
        """A fleet of which all regions are members, and traffic for it."""
        self.fleet = self.enterContext(fleet.sailing(seed=self.seed, **arguments))
        self.fleet.join()
        self.traffic = Traffic(self.fleet, manner)
        if start:
            self.start()
        return self.fleet

    def start(self):
        """Starts all; each pair has begun its streams when it returns, so that the log of
        each is told from its first entry on."""
        self.fleet.start()
        self.wait_acquainted()

    def wait_acquainted(self):
        for region in self.fleet.regions.values():
            for source, sink in ((region, self.fleet.national), (self.fleet.national, region)):
                wait_until(lambda one=source, other=sink:
                           other.database.value(KNOWS.format(one.node)) == "1",
                           f"stream of {source.node} at {sink.node}", self.converge_timeout_s)

    def wait_for_commands(self, count):
        before = self.traffic.acknowledged_count()
        wait_until(lambda: self.traffic.acknowledged_count() >= before + count,
                   f"{count} commands acknowledged", self.converge_timeout_s)

    def violations(self):
        """What is wrong now; commands that are on their way are wrong, too."""
        self.holdings = [ledger.read(member) for member in self.fleet.members]
        return ledger.violations(self.holdings, self.traffic.histories)

    def converge(self):
        """Returns once every node holds what it should; fails telling what it does not."""
        deadline = time.monotonic() + self.converge_timeout_s
        while found := self.violations():
            if time.monotonic() > deadline:
                self.fail(self.account(found))
            _never.wait(LOOK_S)

    def account(self, found):
        sentences = [f"{name}: {one}"[:SENTENCE_MAX] for name, every in found.items()
                     for one in every]
        return "\n".join([*sentences, *map(str, self.alarms()), *map(str, self.parked()),
                          self.fleet.logs()])

    def alarms(self):
        return [(member.node, row) for member in self.fleet.members for row in member.rows(ALARMS)]

    def parked(self):
        return [(member.node, row) for member in self.fleet.members for row in member.rows(PARKED)]

    def early_acknowledgements(self):
        """An ack means durable: what a source takes for stored is stored, at any time. The
        source is asked first: what is stored only grows."""
        national = self.fleet.national
        for region in self.fleet.regions.values():
            for source, sink in ((region, national), (national, region)):
                told = int(source.database.value(ACKNOWLEDGED.format(sink.node)))
                stored = int(sink.database.value(STORED.format(source.node)))
                if told > stored:
                    yield f"{sink.node} acknowledged {told} of {source.node} and has {stored}"

    def judge_voyage(self, **figures):
        """All agree, nothing is parked, and no alarm is up but those expected."""
        self.converge()
        self.assertEqual(list(self.early_acknowledgements()), [])
        self.assertEqual(self.parked(), [])
        unexpected = [(node, row) for node, row in self.alarms()
                      if row["alarm"] not in {TIMED_ALARM, *self.expected_alarms}]
        self.assertEqual(unexpected, [], self.fleet.logs())
        figures["commands acknowledged"] = self.traffic.acknowledged_count()
        figures["aggregates"] = len(self.holdings[0].rows)
        figures["entries"] = len(self.holdings[0].log)
        for name, value in figures.items():
            print(f"  {name}: {value}", flush=True)
        self.assertGreater(figures["commands acknowledged"], 0, "nothing was tested")
