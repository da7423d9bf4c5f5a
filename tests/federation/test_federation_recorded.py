# SPDX-License-Identifier: Apache-2.0
"""What nodes of earlier versions said (recorded/README.md) is understood today."""
import json
import os
import unittest

import reach  # noqa: F401
import fleet
import ledger
import voyage
from cpts.v1 import federation_pb2
from daemon import wait_until
from frame_relay import FrameRelay, Recorder, kind_of
from nacl.encoding import HexEncoder
from nacl.signing import VerifyKey
from peer import Author, Session
from proxy import UP
from psql import main

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")
REGION = "11"
NODE = f"region/{REGION}"
TOLD = ("resume", "snapshot", "batch", "checkpoint", "bookmark")
COMMANDS = 25
# Another time, another table of steps: that is said, and stops nothing.
EXPECTED_ALARMS = {"CLOCK_SKEW", "TABLES_DIFFER", "REFERENCE_BEHIND", "CHECKPOINT_LATE"}
CHECKPOINT = "SELECT coalesce(max(position), 0) FROM cpts.sync_checkpoint WHERE node = '{}';"


def digests(holding):
    """Of each aggregate of the region: by kind and id, as columns are added over time the
    new ones are left out."""
    return {" ".join(key): ledger.digest(rows) for key, rows in sorted(holding.rows.items())}


class Known:
    """A key of which only the public half is known."""

    def __init__(self, text):
        self.verify_key = VerifyKey(text, encoder=HexEncoder)


class Recording(voyage.Voyage):
    """Makes a recording; run by hand."""

    def record(self, version):
        self.sail(regions=(REGION,), start=False)
        self.fleet.national.start()
        relay = FrameRelay(self.fleet, REGION, Recorder())
        self.addCleanup(relay.close)
        self.fleet.relay(REGION, relay.port)
        region = self.fleet.regions[REGION].start()
        with self.traffic.running(region):
            self.wait_for_commands(COMMANDS)
        self.judge_voyage()
        head = len([row for row in self.holdings[0].log if row["origin_node"] == NODE])
        wait_until(lambda: int(self.fleet.national.database.value(CHECKPOINT.format(NODE))) >= head,
                   "checkpoint of the whole")
        path = os.path.join(FOLDER, f"region_{version}")
        with open(f"{path}.frames", "w", encoding="ascii") as file:
            file.write("".join(f"{frame.hex()}\n" for frame in relay.manner.frames[UP]))
        with open(f"{path}.json", "w", encoding="ascii") as file:
            json.dump({"checkpoint_key": region.signing.verify_key.encode().hex(),
                       "entries": head, "digests": digests(self.holdings[0])}, file, indent=1)
            file.write("\n")


class Recorded(unittest.TestCase):
    def play(self, name):
        with open(os.path.join(FOLDER, f"{name}.frames"), encoding="ascii") as file:
            frames = [bytes.fromhex(line) for line in file]
        with open(os.path.join(FOLDER, f"{name}.json"), encoding="ascii") as file:
            expected = json.load(file)
        sailing = self.enterContext(fleet.sailing(regions=(REGION,)))
        sailing.regions[REGION].signing = Known(expected["checkpoint_key"])
        sailing.join()
        national = sailing.national.start()
        author = Author(NODE, None)
        with Session(sailing, author) as session:
            self.assertEqual(kind_of(frames[0]), "hello")
            session.send_packed(frames[0])
            session.next("hello")
            session.next("resume")
            for frame in frames[1:]:
                if kind_of(frame) in TOLD:
                    session.send_packed(frame)
            upto = max(federation_pb2.SyncFrame.FromString(frame).batch.upto for frame in frames)
            session.wait_stored(upto)
            wait_until(lambda: int(national.database.value(CHECKPOINT.format(NODE)))
                       >= expected["entries"], "checkpoint")
        holding = ledger.read(national)
        self.assertEqual(digests(holding), expected["digests"])
        self.assertEqual(len(holding.log), expected["entries"])
        self.assertEqual(national.rows(voyage.PARKED), [])
        self.assertEqual({row["alarm"] for row in national.rows(voyage.ALARMS)} - EXPECTED_ALARMS,
                         set())

    def test_recorded__every_version_is_understood(self):
        names = sorted(name[:-len(".frames")] for name in os.listdir(FOLDER)
                       if name.endswith(".frames"))
        self.assertTrue(names)
        for name in names:
            with self.subTest(name=name):
                self.play(name)

    def test_recorded__make_a_recording_when_asked(self):
        version = os.environ.get("RECORD")
        if version:
            maker = Recording("record")
            maker.setUp()
            self.addCleanup(maker.doCleanups)
            maker.record(version)


if __name__ == "__main__":
    main()
