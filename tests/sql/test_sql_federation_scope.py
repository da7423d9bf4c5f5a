# SPDX-License-Identifier: Apache-2.0
"""What a region sees of others: referrals in which one of its CPTS takes part, the directory, and
no more; and what a node that was restored from an old copy gets back."""
import os
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402
import referrals  # noqa: E402
import sync_wire  # noqa: E402
from sync_wire import Cpts, literal  # noqa: E402


class Scope(sync_wire.Case):
    """CPTS of region 52, which the national node serves, and of region 11, which has its own."""

    def setUp(self):
        super().setUp()
        self.near = Cpts(self.below).create()
        self.far, self.farther = (Cpts(self.above, "52").create() for _ in range(2))
        self.pair.carry(self.below, self.above)
        self.pair.carry(self.above, self.below)
        self.below.call("federation_acknowledged", "'region/11'", "'national'", "1")

    def refer(self, destination, candidate=None):
        """A referral of the far CPTS; its parties come in by the step of referrals."""
        referral = referrals.Referral(
            origin=self.far.id, region="52", candidates=(candidate.id,) if candidate else (),
            clocks=(("REASSIGN", "cpts.log_now() + interval '1 day'", 0),), status="TO_REASSIGN")
        referral.insert(self.above.database)
        self.ask(referral, destination, 2)
        return referral

    def ask(self, referral, destination, version):
        assignment = str(uuid.uuid4())
        self.record(self.above, "REFERRAL", referral.id, "REFERRAL_ACTED", version, "52", before=(
            f"DO $$ DECLARE f cpts.referral_fact := cpts.referral_fact_find('{referral.id}', NULL);"
            f" BEGIN f.version := {version}; f := cpts.referral_ask(f, '{assignment}',"
            f" '{destination.id}', {referrals.WRAP}); PERFORM cpts.referral_write(f, ''); END $$;"))
        return assignment

    def seen(self):
        return [row[0] for row in self.below.database.query(
            "SELECT referral_id FROM cpts.referral ORDER BY 1;")]

    def test_scope__of_other_regions_the_directory_is_seen(self):
        batch = self.above.tell(self.below)
        self.assertEqual([(row[8]) for row in batch.images], ["1", "1"])
        self.assertEqual((len(batch.entries), [row[7:9] for row in batch.withheld]),
                         (0, [["1", "2"]]))
        public = set(self.above.database.query(
            "SELECT table_name FROM cpts.sync_table WHERE is_public;")[n][0] for n in range(12))
        self.assertLessEqual(set(batch.kinds()), public)
        self.check_same(self.above, self.below, 2)
        self.far.settle()
        self.pair.carry(self.above, self.below)
        self.check_same(self.above, self.below, 2)

    def test_scope__what_is_the_nodes_own_stays(self):
        self.record(self.below, "ENROLMENT", uuid.uuid4(), "ENROLMENT_CREATED")
        batch = self.below.tell(self.above, after=int(self.above.cursor(self.below)[1]))
        self.assertEqual((batch.entries, len(batch.withheld), batch.images), ([], 1, []))
        self.above.store(self.below, batch)
        self.near.rename()
        self.pair.carry(self.below, self.above)
        self.assertEqual(self.above.cursor(self.below)[4], "3")
        self.check_same(self.below, self.above, 1)

    def test_scope__a_referral_is_seen_by_whom_it_concerns(self):
        own, other = self.refer(self.near), self.refer(self.farther)
        batch = self.above.tell(self.below, after=int(self.below.cursor(self.above)[1]))
        self.assertEqual([row[2] for row in batch.entries], [own.id] * 2)
        self.assertEqual([row[7:9] for row in batch.withheld], [["5", "6"]])
        self.below.store(self.above, batch)
        self.assertEqual(self.seen(), [own.id])
        self.check_same(self.above, self.below, 3)
        self.assertNotIn(other.id, self.seen())
        self.assertEqual(self.below.database.query("SELECT kind FROM cpts.referral_clock;"),
                         [["REASSIGN"], ["DELIVER"]])

    def test_scope__who_comes_in_later_gets_it_whole(self):
        referral = self.refer(self.farther)
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.seen(), [])
        self.ask(referral, self.near, 3)
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.seen(), [referral.id])
        self.assertEqual(self.below.database.value("SELECT count(*) FROM cpts.referral_content;"),
                         "1")
        self.check_same(self.above, self.below, 3)

    def test_scope__erased_is_erased_everywhere(self):
        referral = self.refer(self.near)
        self.above.database.query(
            "INSERT INTO cpts.referral_attachment (referral_id, attachment_id, author_id,"
            f" byte_count, sha256, chunk_count, complete, logged, recorded_at) VALUES ("
            f"'{referral.id}', gen_random_uuid(), '{self.far.id}', 1, sha256('x'), 1, true, true,"
            " now());"
            " INSERT INTO cpts.referral_chunk SELECT referral_id, attachment_id, 0, 'x'"
            " FROM cpts.referral_attachment;")
        self.pair.carry(self.above, self.below)
        left = ("SELECT (SELECT count(*) FROM cpts.referral_content),"
                " (SELECT count(*) FROM cpts.referral_chunk), count(a.wrap), bool_and(r.erased)"
                " FROM cpts.assignment a JOIN cpts.referral r USING (referral_id);")
        self.assertEqual(self.below.database.query(left), [["1", "1", "1", "f"]])
        self.record(self.above, "REFERRAL", referral.id, "REFERRAL_ERASED", 3, "52", before=(
            "UPDATE cpts.referral SET version = 3, erased = true;"
            " DELETE FROM cpts.referral_content; DELETE FROM cpts.referral_chunk;"
            " DELETE FROM cpts.referral_attachment;"
            " UPDATE cpts.assignment SET wrap = NULL;"))
        self.pair.carry(self.above, self.below)
        self.assertEqual(self.below.database.query(left), [["0", "0", "0", "t"]])
        self.check_same(self.above, self.below, 3)

    def test_scope__a_referral_that_concerns_nobody_here_is_parked(self):
        self.refer(self.near)
        batch = self.above.tell(self.below, after=int(self.below.cursor(self.above)[1]))
        row = next(row for row in batch.rows if row[1] == "referral")
        row[18] = row[18].replace(self.near.id, self.farther.id)
        outcome = self.below.store(self.above, batch)
        self.assertEqual(outcome["parked"], 1)
        self.assertEqual(self.alarms(self.below), ["OUT_OF_SCOPE"])
        self.assertEqual(self.seen(), [])

    def test_scope__urgent_comes_ahead_and_changes_nothing_later(self):
        referral = self.refer(self.near)
        urgent = sync_wire.Batch(self.above.call(
            "federation_urgent", "'national'", "'region/11'", "'region:11'",
            self.below.cursor(self.above)[1]))
        before = self.below.cursor(self.above)
        outcome = self.below.store(self.above, urgent, "urgent")
        self.assertEqual((outcome["stored"], outcome["entries"], self.seen()),
                         (1, 0, [referral.id]))
        self.assertEqual(self.below.cursor(self.above), before)
        outcome = self.pair.carry(self.above, self.below)[0]
        self.assertEqual((outcome["absorbed"], outcome["entries"], outcome["parked"]), (1, 2, 0))
        self.check_same(self.above, self.below, 3)

    def restore(self):
        """The region's node is found to be an old copy and gets back what it lost."""
        known = self.above.call("federation_peer", "'national'", "'region/11'", "'region:11'",
                                "0", "0", "0")[0]
        begun = self.below.call("federation_restore_begin", "'region/11'", "'national'", known[3],
                                literal(known[4]), write=True)[0]
        self.assertEqual(self.below.call("federation_self", "'region/11'")[0][5], "FENCED")
        back = self.above.tell(self.below, "federation_give_back", after=int(begun[1]))
        self.below.store(self.above, back, "restore")
        wanted = self.below.call("federation_parked_wanted", "'region/11'", "'national'")
        if wanted:
            self.below.store(self.above, self.above.fetch(self.below, *wanted), "restore")
        ended = self.below.call("federation_restore_end", "'region/11'", "'national'", "2",
                                write=True)
        return begun, ended

    def test_scope__an_old_copy_gets_back_what_it_lost(self):
        old = psql.Database(self.below.database.name)
        self.addCleanup(old.drop)
        self.near.rename()
        late = Cpts(self.below).create()
        self.pair.carry(self.below, self.above)
        lost, self.below.database = self.below.database, old
        begun, ended = self.restore()
        self.assertEqual((begun, ended), (["0", "1"], [["2"]]))
        lost.drop()
        self.check_same(self.below, self.above, 2)
        head = self.below.call("federation_self", "'region/11'")[0]
        self.assertEqual((head[0], head[2], head[5]), ("2", "3", ""))
        late.rename()
        self.pair.carry(self.below, self.above)
        self.assertEqual(self.above.cursor(self.below)[4], "4")
        self.check_same(self.below, self.above, 2)

    def test_scope__what_was_lost_comes_in_parts_each_image_once(self):
        """An image comes with the last entry of its aggregate, not with each."""
        late = Cpts(self.below).create()
        for _ in range(3):
            self.near.rename()
            late.rename()
        self.pair.carry(self.below, self.above)
        told, after, sizes = [], 0, []
        while not sizes or after < last:
            back = self.above.tell(self.below, "federation_give_back", after=after, changes=3)
            self.assertGreater(back.upto, after)
            after, last = back.upto, int(back.head[8])
            sizes.append(len(back.entries))
            told += [row[2] for row in back.images]
        self.assertEqual((sizes, last), ([3, 3, 2], 8))
        self.assertEqual(sorted(told), sorted([self.near.id, late.id]))
        back = self.above.tell(self.below, "federation_give_back", size=1)
        self.assertEqual((len(back.entries), back.upto), (1, 1))

    def test_scope__a_fork_is_moved_aside_for_people(self):
        old = psql.Database(self.below.database.name)
        self.addCleanup(old.drop)
        self.near.rename()
        self.pair.carry(self.below, self.above)
        kept = self.near.version
        lost, self.below.database = self.below.database, old
        lost.drop()
        self.near.version = 1
        self.near.rename()
        self.near.rename()
        forked = Cpts(self.below).create()
        begun, _ = self.restore()
        self.assertEqual(begun, ["3", "1"])
        self.assertEqual(self.below.database.query(
            "SELECT origin_position, aggregate_id, version FROM cpts.forked_change ORDER BY 1;"),
            [["2", self.near.id, "2"], ["3", self.near.id, "3"], ["4", forked.id, "1"]])
        self.assertEqual(self.below.database.query("SELECT cpts_id, version FROM cpts.cpts"
                                                   " WHERE owner_node = 'region/11';"),
                         [[self.near.id, str(kept)]])
        self.check_same(self.below, self.above, 1)
        self.assertEqual(self.parked(self.below), [])

    def lose(self):
        """The national node comes back from a copy without the last change of a referral, which
        the region has. @return (the referral, up to where both agree)"""
        referral = self.refer(self.near)
        self.pair.carry(self.above, self.below)
        self.above.call("federation_acknowledged", "'national'", "'region/11'",
                        self.below.cursor(self.above)[1])
        old = psql.Database(self.above.database.name)
        self.addCleanup(old.drop)
        self.ask(referral, self.farther, 3)
        self.pair.carry(self.above, self.below)
        known = self.below.call("federation_peer", "'region/11'", "'national'", "'*'", "0", "0",
                                "0")[0]
        lost, self.above.database = self.above.database, old
        lost.drop()
        for _ in range(2):
            found = self.above.call("federation_lost", "'national'", "'region/11'", "2", known[3],
                                    literal(known[4]), write=True)[0]
            self.assertEqual(found[:2], ["2", "4"])
        return referral, int(found[1])

    def give_back(self, after):
        back = self.below.tell(self.above, "federation_give_back", after=after)
        return self.above.store(self.below, back, "restore")

    def own(self):
        """Positions of the national node's own entries in its log, aside, and of its runs."""
        return [self.above.database.query(f"SELECT {columns} WHERE origin_node = 'national'"
                                          " ORDER BY 1;") for columns in (
            "origin_position, version FROM cpts.change_log",
            "origin_position, reason FROM cpts.stray_change",
            "first_position, last_position FROM cpts.sync_withheld")]

    def test_scope__what_a_region_saw_comes_back_into_the_log(self):
        referral, after = self.lose()
        log, aside, runs = self.own()
        self.assertEqual((len(log), aside, runs), (4, [], [["5", "5"]]))
        for entries in (1, 0):
            self.assertEqual(self.give_back(after)["entries"], entries)
            log, aside, runs = self.own()
            self.assertEqual((log[-1], aside, runs), (["5", "3"], [], []))
        self.ask(referral, self.near, 4)
        self.give_back(after)
        self.assertEqual(self.above.database.value("SELECT version FROM cpts.referral;"), "4")
        self.assertEqual((self.own()[0][-1], self.parked(self.above)), (["6", "4"], []))

    def test_scope__what_was_written_otherwise_since_stays_and_both_are_kept(self):
        referral, after = self.lose()
        self.ask(referral, self.near, 3)
        wanted = self.above.database.query("SELECT assignment_id FROM cpts.assignment ORDER BY 1;")
        for newly in (1, 0):
            outcome = self.give_back(after)
            self.assertEqual((outcome["entries"], outcome["stored"], outcome["parked"]), (0, 0, 1))
            self.assertEqual(outcome["newly_parked"], newly)
        log, aside, runs = self.own()
        self.assertEqual((log[-1], aside, runs),
                         (["6", "3"], [["5", "GIVEN_BACK"]], [["5", "5"]]))
        self.assertEqual(self.above.database.query(
            "SELECT assignment_id FROM cpts.assignment ORDER BY 1;"), wanted)
        self.assertEqual(self.alarms(self.above), ["EPOCH_STALE"])


if __name__ == "__main__":
    psql.main()
