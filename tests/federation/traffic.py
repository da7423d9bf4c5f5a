# SPDX-License-Identifier: Apache-2.0
"""Clients at each node that write what its region owns, and remember what they were told."""
import contextlib

import reach  # noqa: F401
import racers
from fleet import file_name, uri
from history import History
from racers import Load, Manner

# Communes of each region, apart from one another. 76 has no node: the national one serves it.
PLACES = {"11": racers.REGIONS["11"],
          "52": ("44001", "49002", "53001", "72001", "85001", "44003"),
          "84": ("01001", "03001", "07001", "15001", "26001", "38001"),
          "76": ("09001", "11001", "12001", "30001", "31001", "32001")}
UNSERVED = "76"
QUIET = Manner(thread_count=2, resend_share=0.1, reuse_share=0.02, stale_share=0.05,
               illegal_share=0.05)


def client_of(node, regions):
    """A kind of client with the certificate of a node, for these regions."""
    class Clerk(racers.Client):
        reader, places = file_name(node), PLACES

        @staticmethod
        def identify(_):
            return file_name(node), uri(node), regions
    return Clerk


class Traffic:
    """Load on each node of a fleet; history and directory go on from one run to the next."""

    def __init__(self, fleet, manner=QUIET):
        self.fleet, self.manner = fleet, manner
        # Regions that the national node serves.
        self.served = (UNSERVED,)
        self.histories = {member.node: History() for member in fleet.members}
        self._directories = {member.node: racers.Directory() for member in fleet.members}
        self._run, self.before_fork = 0, None

    def _regions(self, member):
        return (member.region,) if member.region else self.served

    @contextlib.contextmanager
    def running(self, *members):
        """Writes at these nodes, or at all, until the block ends."""
        self._run += 1
        with contextlib.ExitStack() as stack:
            loads = [stack.enter_context(Load(
                [member], f"{self.fleet.seed}/{self._run}/{member.node}", self.manner,
                self._directories[member.node], self.histories[member.node],
                client_of(member.node, self._regions(member))))
                for member in members or self.fleet.members]
            yield loads

    def fork(self, node):
        """What that node is told from now on is another story: its history. The one until
        now is in before_fork."""
        self.before_fork = self.histories[node]
        self.histories[node], self._directories[node] = History(), racers.Directory()
        return self.histories[node]

    def acknowledged_count(self):
        return sum(bool(operation.acknowledged) for history in self.histories.values()
                   for operation in list(history.operations))
