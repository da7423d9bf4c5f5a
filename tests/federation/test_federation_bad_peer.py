# SPDX-License-Identifier: Apache-2.0
"""A regional node that is unknown, suspended, old, forged, broken or out of its scope:
refused or parked, an alarm raised, and the rest goes on."""
import unittest
import uuid

import reach  # noqa: F401
import fleet
import voyage
from cpts.v1 import federation_pb2
from daemon import wait_until
from peer import Author, Session, how_it_ended
from psql import main

REGION = "11"
NODE = f"region/{REGION}"
CLERK = "cpts/0190a000-0000-7000-8000-00000000000c"
ALARMS = "SELECT alarm, aggregate FROM cpts.federation_alarm"
STORED = "SELECT version FROM cpts.cpts WHERE cpts_id = '{}';"
VICTIM = """INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage,
      stage_on, synthetic, created_at, updated_at)
    VALUES ('{}', 'national', 1, 1, 'Of somebody else', '52', 'EMERGENCE', '2020-01-15', true,
      now(), now());"""
FORGET = """DELETE FROM cpts.federation_alarm; DELETE FROM cpts.parked_aggregate;
    DELETE FROM cpts.sync_cursor; DELETE FROM cpts.sync_checkpoint; DELETE FROM cpts.stray_change;
    DELETE FROM cpts.change_log; DELETE FROM cpts.command;
    DELETE FROM cpts.cpts_stage; DELETE FROM cpts.cpts;
    DELETE FROM cpts.sync_withheld; DELETE FROM cpts.node_self;
    UPDATE cpts.node SET status = 'ENROLLED', epoch = 1 WHERE name = 'region/11';"""
# A chain of the national node that it has not: what is said of it, and what is shown.
LOST = 50
TAIL_MAX = 65536
EPOCH = "SELECT coalesce(max(epoch), 1) FROM cpts.node_self;"


class BadPeer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = cls.enterClassContext(fleet.sailing(
            regions=(REGION,), settings="bookmark_ms = 200\nsilence_max_ms = 60000\n"))
        cls.fleet.join()
        cls.fleet.employ(CLERK, cls.fleet.national)
        cls.national = cls.fleet.national.start()
        cls.database = cls.national.database

    def setUp(self):
        self.database.query(FORGET)
        self.author = Author(NODE, self.fleet.regions[REGION].signing)

    def session(self, **hello):
        return self.enterContext(Session(self.fleet, self.author, **hello))

    def begun(self):
        session = self.session()
        session.begin()
        return session

    def written(self, **changes):
        """An entry and its CPTS' image."""
        entry = self.author.entry()
        return entry, self.author.image(entry.aggregate_id, **changes)

    def assert_refused(self, session, status, reason):
        refusal = how_it_ended(session)
        self.assertEqual((refusal.status, refusal.reason), (status, reason), refusal)

    def is_stored(self, cpts_id):
        return self.database.query(STORED.format(cpts_id)) != []

    def assert_parked(self, cpts_id, reason):
        found = {(row["aggregate_id"], row["reason"]) for row in self.national.rows(voyage.PARKED)}
        self.assertEqual(found, {(cpts_id, reason)}, self.national.log()[-2000:])
        self.assertFalse(self.is_stored(cpts_id))

    def alarms(self):
        """Those that are up, but for what a peer without tables and references raises."""
        found = {row["alarm"] for row in self.national.rows(ALARMS)}
        return found - {"TABLES_DIFFER", "REFERENCE_BEHIND"}

    def wait_alarm(self, alarm):
        wait_until(lambda: alarm in self.alarms(), alarm)

    def tell_with_good_one(self, session, entry, image):
        """Tells the bad one between two good ones, which must be stored."""
        first, first_image = self.written()
        session.tell([entry, first], [image, first_image])
        session.wait_stored()
        last, last_image = self.written()
        session.tell([last], [last_image])
        session.wait_stored()
        for good in (first, last):
            self.assertTrue(self.is_stored(good.aggregate_id), "the rest did not go on")

    # It goes well.

    def test_peer__good_one_is_stored_and_raises_nothing(self):
        session = self.begun()
        entry, image = self.written()
        self.tell_with_good_one(session, entry, image)
        session.send(checkpoint=self.author.checkpoint())
        wait_until(lambda: self.database.query("SELECT position FROM cpts.sync_checkpoint;"),
                   "checkpoint")
        self.assertTrue(self.is_stored(entry.aggregate_id))
        self.assertEqual(self.alarms() - {voyage.TIMED_ALARM}, set())

    def test_peer__batch_that_comes_again_changes_nothing(self):
        entry, image = self.written()
        for _ in range(2):
            with Session(self.fleet, self.author) as session:
                session.begin()
                session.sent_upto = 0
                session.tell([entry], [image])
                session.wait_stored()
        self.assertEqual(self.database.value("SELECT count(*) FROM cpts.change_log;"), "1")

    # The session is refused.

    def test_peer__unknown_node(self):
        self.database.query(f"UPDATE cpts.node SET status = 'SERVED' WHERE name = '{NODE}';")
        session = self.session()
        session.send(hello=session.own_hello())
        self.assert_refused(session, "PERMISSION_DENIED", "NODE_UNKNOWN")

    def test_peer__suspended_node(self):
        self.database.query(f"UPDATE cpts.node SET status = 'SUSPENDED' WHERE name = '{NODE}';")
        session = self.session()
        session.send(hello=session.own_hello())
        self.assert_refused(session, "PERMISSION_DENIED", "NODE_SUSPENDED")

    def test_peer__older_epoch_than_known(self):
        self.database.query(f"UPDATE cpts.node SET epoch = 2 WHERE name = '{NODE}';")
        session = self.session()
        session.send(hello=session.own_hello())
        self.assert_refused(session, "FAILED_PRECONDITION", "NODE_FENCED")

    def test_peer__name_of_another(self):
        session = self.session(node="region/52")
        session.send(hello=session.own_hello())
        refusal = how_it_ended(session)
        self.assertIn(refusal.status, ("PERMISSION_DENIED", "INVALID_ARGUMENT"), refusal)

    def test_peer__protocol_that_nobody_speaks(self):
        session = self.session(protocol_min=2, protocol_max=3)
        session.send(hello=session.own_hello())
        self.assert_refused(session, "FAILED_PRECONDITION", "PROTOCOL_UNKNOWN")

    def test_peer__batch_before_hello(self):
        session = self.session()
        session.tell([], [])
        self.assert_refused(session, "INVALID_ARGUMENT", "FRAME_UNEXPECTED")

    def test_peer__positions_with_a_gap(self):
        session = self.begun()
        entry, image = self.written()
        session.tell([entry], [image], after=7, upto=8)
        self.assert_refused(session, "ABORTED", "GAP")
        self.wait_alarm("GAP")
        self.assertFalse(self.is_stored(entry.aggregate_id))

    def test_peer__frame_beyond_its_limit(self):
        session = self.begun()
        entry = self.author.entry(bytes=bytes(5 * 1024 * 1024))
        session.tell([entry], [])
        refusal = how_it_ended(session)
        self.assertIn(refusal.status, ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"), refusal)

    # An aggregate is parked.

    def test_peer__entry_of_another_origin(self):
        session = self.begun()
        forger = Author("region/52", self.author.signing)
        entry = forger.entry()
        self.author.versions[entry.aggregate_id] = 1
        entry.origin_position, entry.position = 1, 1
        image = self.author.image(entry.aggregate_id, owner_node="region/52",
                                  head={"owner_node": "region/52"})
        session.tell([entry], [image])
        session.wait_stored()
        self.assert_parked(entry.aggregate_id, "ORIGIN_FORGED")
        self.assertIn("ORIGIN_FORGED", self.alarms())

    def test_peer__image_of_what_another_owns(self):
        entry, image = self.written(owner_node="national", head={"owner_node": "national"})
        cpts_id = entry.aggregate_id
        self.tell_with_good_one(self.begun(), entry, image)
        self.assert_parked(cpts_id, "ORIGIN_FORGED")

    def test_peer__entry_about_what_another_owns(self):
        """It stays, as what the region said, and changes nothing."""
        victim = str(uuid.uuid4())
        self.database.query(VICTIM.format(victim))
        before = self.database.query(f"SELECT * FROM cpts.cpts WHERE cpts_id = '{victim}';")
        session = self.begun()
        session.tell([self.author.entry(victim)], [])
        session.wait_stored()
        self.assertEqual([(row["alarm"], row["aggregate"]) for row in self.national.rows(ALARMS)
                          if row["aggregate"]], [("OUT_OF_SCOPE", victim)])
        self.assertEqual(self.database.query(
            f"SELECT * FROM cpts.cpts WHERE cpts_id = '{victim}';"), before)

    def test_peer__cpts_of_another_region(self):
        entry, image = self.written(lead_region="52", head={"lead_region": "52"})
        self.tell_with_good_one(self.begun(), entry, image)
        self.assert_parked(entry.aggregate_id, "OUT_OF_SCOPE")

    def test_peer__card_that_names_another_region_or_owner(self):
        """What is stored is the row: it must say what the image was judged by."""
        for head in ({"lead_region": "52"}, {"owner_node": "region/52"}, {"epoch": 7},
                     {"version": 9}):
            with self.subTest(head=head):
                self.database.query(FORGET)
                self.author = Author(NODE, self.fleet.regions[REGION].signing)
                entry, image = self.written(head=head)
                with Session(self.fleet, self.author) as session:
                    session.begin()
                    self.tell_with_good_one(session, entry, image)
                self.assert_parked(entry.aggregate_id, "ORIGIN_FORGED")

    def test_peer__row_of_another_kind_of_aggregate(self):
        """The card of somebody else's CPTS, in an image of a referral of its own."""
        victim = str(uuid.uuid4())
        self.database.query(VICTIM.format(victim))
        entry = self.author.entry(victim)
        image = self.author.image(victim, aggregate_kind="REFERRAL")
        self.author.versions[victim] = 0
        session = self.begun()
        good, good_image = self.written()
        session.tell([entry, good], [image, good_image])
        session.wait_stored()
        self.assertTrue(self.is_stored(good.aggregate_id), "the rest did not go on")
        self.assertEqual(self.database.value(
            f"SELECT owner_node FROM cpts.cpts WHERE cpts_id = '{victim}';"), "national")
        self.assertIn("ORIGIN_FORGED", self.alarms())

    def test_peer__numbers_that_cannot_be_counted_on(self):
        for changes in ({"epoch": 2**31 - 1}, {"version": 2**31 - 1}):
            with self.subTest(changes=changes):
                entry, image = self.written(**changes)
                with Session(self.fleet, self.author) as session:
                    session.begin()
                    session.tell([entry], [image])
                    self.assert_refused(session, "INVALID_ARGUMENT", "MALFORMED_MESSAGE")
                self.assertFalse(self.is_stored(entry.aggregate_id))

    def test_peer__row_of_a_kind_from_the_future(self):
        entry, image = self.written(rows=(("cpts_from_the_future", {"x": 1}),))
        self.tell_with_good_one(self.begun(), entry, image)
        self.assert_parked(entry.aggregate_id, "KIND_UNKNOWN")

    def test_peer__aggregate_of_a_kind_from_the_future_is_kept_raw(self):
        entry = self.author.entry(str(uuid.uuid4()), "ORBIT_ENTERED", aggregate_kind="ORBIT")
        image = federation_pb2.SyncImage(aggregate_kind="ORBIT", aggregate_id=entry.aggregate_id,
                                         version=1, epoch=1, owner_node=NODE, lead_region=REGION)
        self.tell_with_good_one(self.begun(), entry, image)
        self.assert_parked(entry.aggregate_id, "KIND_UNKNOWN")
        self.assertEqual(self.database.value(
            "SELECT encode(bytes, 'hex') FROM cpts.change_log WHERE kind = 'ORBIT_ENTERED';"),
            entry.bytes.hex())

    def test_peer__row_that_the_database_refuses(self):
        entry, image = self.written(head={"stage": "NO_STAGE"})
        self.tell_with_good_one(self.begun(), entry, image)
        self.assert_parked(entry.aggregate_id, "NOT_APPLIED")

    # Who only takes.

    def test_peer__coordinator_has_nothing_to_tell(self):
        """The certificate of a CPTS opens a copy of what it may see, and writes nothing."""
        clerk = Author(CLERK, self.fleet.regions[REGION].signing)
        session = self.enterContext(Session(self.fleet, clerk))
        session.begin()
        entry = clerk.entry(lead_region=REGION)
        session.sent_upto = 0
        session.tell([entry], [clerk.image(entry.aggregate_id, lead_region=REGION)])
        self.assert_refused(session, "INVALID_ARGUMENT", "FRAME_UNEXPECTED")
        for table in ("change_log", "command", "parked_aggregate", "stray_change"):
            self.assertEqual(self.database.value(f"SELECT count(*) FROM cpts.{table};"), "0", table)

    def test_peer__coordinator_is_not_asked_for_what_was_lost(self):
        """Whoever says that this node lost something is not believed for being somebody."""
        clerk = Author(CLERK, self.fleet.regions[REGION].signing)
        session = self.enterContext(Session(self.fleet, clerk))
        hello = session.own_hello()
        hello.cursor.epoch, hello.cursor.position = 7, 1
        session.send(hello=hello)
        session.next("hello")
        self.assertEqual(session.next("resume").kind, federation_pb2.SYNC_RESUME_KIND_EPOCH_CHANGED)
        session.send(resume=federation_pb2.SyncResume(kind=1, epoch=1))
        session.next("snapshot", "request")  # raises when it is not a snapshot
        session.tell([], [], after=0, upto=0, head=0, repair=True, given_back=True)
        self.assert_refused(session, "INVALID_ARGUMENT", "FRAME_UNEXPECTED")

    # Who says that this node lost something.

    def shown(self, signing, node="national", **changes):
        """A point of a chain of LOST entries."""
        author = Author(node, signing)
        author.entries, author.head = [None] * LOST, bytes(31) + b"x"
        return author.checkpoint(**changes)

    def claim(self, signed_point=None, epoch=1, tail=0):
        """How the national node answers who says that it has so much of its chain."""
        session = self.session()
        hello = session.own_hello()
        hello.cursor.MergeFrom(federation_pb2.SyncCursor(
            epoch=epoch, position=1, origin_position=LOST + tail, origin_hash=bytes(31) + b"x",
            signed_point=signed_point))
        session.send(hello=hello)
        session.next("hello")
        return session, session.next("resume")

    def test_peer__loss_that_the_national_node_signed_is_believed(self):
        session, resume = self.claim(self.shown(self.fleet.national.signing), tail=TAIL_MAX)
        self.assertEqual(resume.kind, federation_pb2.SYNC_RESUME_KIND_EPOCH_CHANGED)
        self.assertTrue(session.next("request").restore)
        self.assertEqual(self.database.value(EPOCH), "2")
        self.assertIn("RESTORED", self.alarms())

    def test_peer__loss_that_nobody_signed_is_not_believed(self):
        own, theirs = self.fleet.national.signing, self.author.signing
        claims = {"nothing is shown": {},
                  "signed by the region": {"signed_point": self.shown(theirs)},
                  "of another chain": {"signed_point": self.shown(own, NODE)},
                  "of another position": {"signed_point": self.shown(own, position=LOST + 1)},
                  "of another hash": {"signed_point": self.shown(own, hash=bytes(32))},
                  "with far more": {"signed_point": self.shown(own), "tail": TAIL_MAX + 1},
                  "of an epoch far ahead": {"signed_point": self.shown(own), "epoch": 102}}
        for name, fields in claims.items():
            with self.subTest(name):
                self.database.query(FORGET)
                session, resume = self.claim(**fields)
                self.assertEqual(resume.kind, federation_pb2.SYNC_RESUME_KIND_MUST_SNAPSHOT)
                self.assertEqual(resume.epoch, 1)
                self.wait_alarm("CHECKPOINT_BAD")
                forged = Author("national", theirs)
                entry = forged.entry(lead_region=REGION)
                session.tell([entry], [forged.image(entry.aggregate_id, lead_region=REGION)],
                             after=0, upto=LOST, head=LOST, repair=True, given_back=True)
                self.assert_refused(session, "INVALID_ARGUMENT", "FRAME_UNEXPECTED")
                self.assertFalse(self.is_stored(entry.aggregate_id))
                self.assertEqual(self.database.value(EPOCH), "1")
                for table in ("change_log", "sync_withheld", "stray_change", "parked_aggregate"):
                    found = self.database.value(f"SELECT count(*) FROM cpts.{table};")
                    self.assertEqual(found, "0", table)

    # Evidence that fails, and care that goes on.

    def test_peer__broken_chain(self):
        session = self.begun()
        self.author.entry(prev_hash=bytes(31) + b"x")
        entry = self.author.entries[0]
        session.tell([entry], [self.author.image(entry.aggregate_id)])
        session.wait_stored()
        self.wait_alarm("CHAIN_BROKEN")
        self.assertTrue(self.is_stored(entry.aggregate_id), "verification stopped care")
        self.assertEqual(self.database.value("SELECT count(*) FROM cpts.stray_change;"), "1")

    def test_peer__checkpoint_with_a_bad_signature(self):
        session = self.begun()
        entry, image = self.written()
        session.tell([entry], [image])
        session.send(checkpoint=self.author.checkpoint(signature=bytes(64)))
        self.wait_alarm("CHECKPOINT_BAD")
        session.wait_stored()
        self.assertTrue(self.is_stored(entry.aggregate_id), "verification stopped care")

    def test_peer__checkpoint_that_never_comes(self):
        session = self.begun()
        entry, image = self.written()
        session.tell([entry], [image])
        session.wait_stored()
        self.wait_alarm("CHECKPOINT_LATE")
        self.assertTrue(self.is_stored(entry.aggregate_id), "verification stopped care")


class Crowd(unittest.TestCase):
    def test_peer__copies_of_cpts_leave_room_for_nodes(self):
        clerks = [f"cpts/0190a000-0000-7000-8000-00000000000{digit}" for digit in "ab"]
        ships = self.enterContext(fleet.sailing(
            regions=(REGION,), settings="sessions = 2\nsilence_max_ms = 60000\n"))
        ships.join()
        for clerk in clerks:
            ships.employ(clerk, ships.national)
        ships.national.start()
        key = ships.regions[REGION].signing
        first, second, region = (self.enterContext(Session(ships, Author(node, key)))
                                 for node in (*clerks, NODE))
        first.send(hello=first.own_hello())
        first.next("hello")
        second.send(hello=second.own_hello())
        refusal = how_it_ended(second)
        self.assertEqual((refusal.status, refusal.reason),
                         ("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS"))
        region.send(hello=region.own_hello())
        region.next("hello")


if __name__ == "__main__":
    main()
