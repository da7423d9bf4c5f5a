# SPDX-License-Identifier: Apache-2.0
"""Members, representatives of users, adhesion and composition: what is recorded,
what is refused, and what those who may not see members can learn."""
import random
import unittest
import uuid

from node import (CALL_TIMEOUT_S, IDENTITIES, OTHER_REGION, REGION, Node, adhesion, command, entry,
                  history_pb2, member, outcome, psql, refusal, registry_pb2, representative, rpps)

SIRET, SIRET_LA_POSTE, FINESS = "73282932000074", "35600000049837", "920000001"
FUTURE = "2199-12-31"
PUBLISHED = [entry("EMERGENCE", "2019-01-15"), entry("LETTRE_INTENTION", "2020-01-15")]
GP, NURSE = "MEDECIN_GENERALISTE", "INFIRMIER"
node = clients = client = None


def setUpModule():
    global node, clients, client
    node = Node()
    clients = {role: node.client(name) for role, (name, _, _) in IDENTITIES.items()}
    client = clients["OPERATOR"]


def tearDownModule():
    if node is not None:
        for one in clients.values():
            one.close()
        node.stop()


def structure(**changes):
    return member(rpps="", **{"finess": FINESS, "category": "MSP", "college": "COLLEGE_PARTNER",
                              **changes})


def ask(rpc, **fields):
    return client.govern(rpc, **fields)


def record(cpts_id, *members, **fields):
    return ask("RecordMembers", **command({"id": cpts_id, "members": members, **fields}))


def believed(cpts_id, **fields):
    """{number: (category, college, voice, joined_on, left_on)}"""
    return {one.rpps or one.finess or one.siret:
            (one.category, one.college, one.voice, one.joined_on, one.left_on)
            for one in ask("ListMembers", id=cpts_id, page_size=1000, **fields).members}


class Governed(unittest.TestCase):
    def setUp(self):
        self.id = client.create().id
        self.version = 1

    def command(self, rpc, **fields):
        """A command that knows the version, and counts on."""
        answer = ask(rpc, **command({"id": self.id, "expected_version": self.version, **fields}))
        self.version = answer.version
        return answer

    def refused(self, wanted, rpc, **fields):
        """wanted: 'STATUS/REASON field'; nothing may have been stored."""
        before = node.fingerprint()
        found = refusal(ask, rpc, **command({"id": self.id, "expected_version": self.version,
                                             **fields}))
        said = f"{found.status}/{found.reason}" + (f" {found.field}" if found.field else "")
        self.assertEqual(said, wanted, found)
        self.assertEqual(node.fingerprint(), before, "something was stored")
        return found


class Members(Governed):
    def counts(self, answer):
        return answer.added_count, answer.changed_count, answer.unchanged_count

    def test_governance__members_are_recorded_and_read_back(self):
        answer = self.command("RecordMembers", members=[
            member(1), member(2, category=GP, voice="VOICE_CONSULTATIVE"), structure(),
            structure(finess="", siret=SIRET, category="COMMUNE"),
            structure(finess="", siret=SIRET_LA_POSTE, category="AUTRE_STRUCTURE")])
        self.assertEqual((self.counts(answer), answer.version), ((5, 0, 0), 2))
        found = ask("ListMembers", id=self.id)
        self.assertEqual([one.finess or one.siret or one.rpps for one in found.members],
                         [FINESS, SIRET_LA_POSTE, SIRET, rpps(1), rpps(2)])
        self.assertEqual(found.version, 2)
        self.assertEqual(believed(self.id)[rpps(2)], (GP, 1, 2, "2021-03-01", ""))
        self.assertEqual(len(ask("ListMembers", id=self.id, college=2).members), 3)

    def test_governance__the_same_member_again_changes_nothing(self):
        self.command("RecordMembers", members=[member(1)])
        self.assertEqual(self.counts(self.command("RecordMembers", members=[member(1), member(2)])),
                         (1, 0, 1))

    def test_governance__a_repeated_command_is_replayed(self):
        fields = command({"id": self.id, "members": [member(1)]})
        first = ask("RecordMembers", **fields)
        before = node.fingerprint()
        again = ask("RecordMembers", **fields)
        self.assertEqual((again.replayed, again.version, again.log_position),
                         (True, first.version, first.log_position))
        self.assertEqual(node.fingerprint(), before)

    def test_governance__a_voice_changes_from_a_date_on(self):
        self.command("RecordMembers", members=[member(1)])
        answer = self.command("RecordMembers", members=[
            member(1, voice="VOICE_CONSULTATIVE", joined_on="2023-01-01")])
        self.assertEqual(self.counts(answer), (0, 1, 0))
        self.assertEqual(believed(self.id, as_of="2022-12-31")[rpps(1)],
                         (NURSE, 1, 1, "2021-03-01", "2023-01-01"))
        self.assertEqual(believed(self.id, as_of="2023-01-01")[rpps(1)],
                         (NURSE, 1, 2, "2023-01-01", ""))

    def test_governance__a_correction_withdraws_what_was_believed(self):
        self.command("RecordMembers", members=[member(1)])
        known = ask("ListMembers", id=self.id).members[0].recorded_at
        self.command("RecordMembers", restates=True, members=[
            member(1, category=GP, joined_on="2022-05-01")])
        self.assertEqual(believed(self.id, as_of="2021-06-01"), {})
        self.assertEqual(believed(self.id)[rpps(1)], (GP, 1, 1, "2022-05-01", ""))
        self.assertEqual(believed(self.id, as_of="2021-06-01", known_at=known)[rpps(1)],
                         (NURSE, 1, 1, "2021-03-01", ""))

    def test_governance__a_period_in_the_middle_leaves_both_ends(self):
        self.command("RecordMembers", members=[member(1)])
        self.command("RecordMembers", members=[
            member(1, college="COLLEGE_PARTNER", joined_on="2022-01-01", left_on="2022-07-01")])
        self.assertEqual([believed(self.id, as_of=date)[rpps(1)][1]
                          for date in ("2021-12-31", "2022-01-01", "2022-06-30", "2022-07-01")],
                         [1, 2, 2, 1])

    def test_governance__a_membership_ends_and_begins_again(self):
        self.command("RecordMembers", members=[member(1), structure()])
        self.command("EndMembership", rpps=rpps(1), left_on="2022-06-01")
        self.assertEqual(set(believed(self.id)), {FINESS})
        self.assertEqual(believed(self.id, as_of="2022-05-31")[rpps(1)][4], "2022-06-01")
        self.command("RecordMembers", members=[member(1, joined_on="2024-01-01")])
        self.assertEqual(believed(self.id)[rpps(1)][3], "2024-01-01")
        self.assertNotIn(rpps(1), believed(self.id, as_of="2023-06-01"))
        self.assertEqual(believed(self.id, as_of="2022-01-01")[rpps(1)][3], "2021-03-01")

    def test_governance__a_professional_may_belong_to_several_cpts(self):
        other = client.create(lead_region=OTHER_REGION).id
        for cpts_id in self.id, other:
            record(cpts_id, member(1))
        self.assertEqual(set(believed(self.id)), set(believed(other)))

    def test_governance__versions_are_seen_or_left_open(self):
        record(self.id, member(1))
        record(self.id, member(2), expected_version=2)
        self.refused("ABORTED/STALE_VERSION expected_version", "RecordMembers",
                     members=[member(3)], expected_version=2)

    def test_governance__pages_are_stable(self):
        record(self.id, *(member(number) for number in range(1, 26)))
        first = ask("ListMembers", id=self.id, page_size=10)
        record(self.id, member(0))
        pages, token = [len(first.members)], first.next_page_token
        while token:
            page = ask("ListMembers", id=self.id, page_size=10, page_token=token)
            pages, token = pages + [len(page.members)], page.next_page_token
        self.assertEqual(pages, [10, 10, 5])
        found = refusal(ask, "ListMembers", id=self.id, page_size=10, college=1,
                        page_token=first.next_page_token)
        self.assertEqual(found.reason, "PAGE_TOKEN_INVALID")

    def test_governance__a_token_without_the_end_of_its_key(self):
        record(self.id, *(member(number) for number in range(1, 4)))
        first = ask("ListMembers", id=self.id, page_size=1)
        instant, place, print_of = first.next_page_token.split(".")
        last = first.members[0]
        self.assertTrue(uuid.UUID(place).bytes.startswith(b"8" + last.rpps.encode()))
        found = refusal(ask, "ListMembers", id=self.id, page_size=1,
                        page_token=f"{instant}.{uuid.UUID(bytes=b'8' * 16)}.{print_of}")
        self.assertEqual((found.reason, found.field), ("PAGE_TOKEN_INVALID", "page_token"))

    def test_governance__five_hundred_members_are_one_command(self):
        answer = self.command("RecordMembers", members=[member(n) for n in range(500)])
        self.assertEqual(self.counts(answer), (500, 0, 0))
        self.refused("INVALID_ARGUMENT/FIELD_INVALID members", "RecordMembers",
                     members=[member(n) for n in range(501)])

    def test_governance__the_feed_tells_that_members_changed_and_not_who(self):
        position = record(self.id, member(7)).log_position
        stream = clients["DGOS_ANALYST"].registry.WatchCpts(
            registry_pb2.WatchCptsRequest(after_position=position - 1), timeout=CALL_TIMEOUT_S)
        change = next(iter(stream)).change
        stream.cancel()
        self.assertEqual((change.kind, change.WhichOneof("event")), ("MEMBERS_RECORDED", None))
        self.assertNotIn(rpps(7), str(change))



class BadMembers(Governed):
    def bad(self, wanted, *members, **fields):
        return self.refused(wanted, "RecordMembers", members=members, **fields)

    def test_governance__numbers_need_their_keys(self):
        good = rpps(1)
        for field, reason, texts in (
                ("rpps", "RPPS_INVALID", (good[:-1] + str((int(good[-1]) + 1) % 10), good[:-1],
                                          good + "0", "1000000000A", "é" * 11)),
                ("finess", "FINESS_INVALID", ("92000000", "9200000001", "2C0000001")),
                ("siret", "SIRET_INVALID", ("73282932000079", "35600000049838", "7328293200007"))):
            for text in texts:
                with self.subTest(text=text):
                    self.bad(f"INVALID_ARGUMENT/{reason} members[1].{field}", member(5),
                             member(**{"rpps": "", field: text}))

    def test_governance__one_number_is_needed(self):
        self.bad("INVALID_ARGUMENT/FIELD_REQUIRED members[0].rpps", member(rpps=""))
        self.bad("INVALID_ARGUMENT/FIELD_INVALID members[0].siret", member(1, siret=SIRET))

    def test_governance__what_is_missing_is_named(self):
        for field, changes in (("category", {"category": ""}), ("college", {"college": 0}),
                               ("voice", {"voice": 0}), ("joined_on", {"joined_on": ""})):
            with self.subTest(field=field):
                self.bad(f"INVALID_ARGUMENT/FIELD_REQUIRED members[1].{field}", member(2),
                         member(1, **changes))
        for field, changes in (("college", {"college": 9}), ("voice", {"voice": 9})):
            with self.subTest(field=field, value=9):
                self.bad(f"INVALID_ARGUMENT/FIELD_REQUIRED members[0].{field}",
                         member(1, **changes))

    def test_governance__unknown_categories(self):
        self.bad("INVALID_ARGUMENT/UNKNOWN_PROFESSION members[1].category", member(1),
                 member(2, category="ASTROLOGUE"))
        self.bad("INVALID_ARGUMENT/UNKNOWN_PROFESSION members[0].category",
                 member(1, category="MSP"))
        found = self.bad("INVALID_ARGUMENT/UNKNOWN_STRUCTURE_KIND members[0].category",
                         structure(category=NURSE))
        self.assertEqual(found.detail, NURSE)

    def test_governance__dates(self):
        self.bad("INVALID_ARGUMENT/DATE_IN_FUTURE members[0].joined_on",
                 member(1, joined_on=FUTURE))
        self.bad("INVALID_ARGUMENT/DATE_IN_FUTURE members[0].left_on", member(1, left_on=FUTURE))
        self.bad("INVALID_ARGUMENT/FIELD_INVALID members[0].joined_on",
                 member(1, joined_on="2021-02-30"))
        for left_on in "2021-03-01", "2021-02-28":
            self.bad("INVALID_ARGUMENT/FIELD_INVALID members[0].left_on",
                     member(1, left_on=left_on))

    def test_governance__nobody_and_twice(self):
        self.bad("INVALID_ARGUMENT/FIELD_REQUIRED members")
        self.bad("INVALID_ARGUMENT/MEMBER_REPEATED members", member(1), member(2),
                 member(1, category=GP))

    def test_governance__ids_and_versions(self):
        self.bad("INVALID_ARGUMENT/FIELD_INVALID id", member(1), id="x")
        self.bad("INVALID_ARGUMENT/FIELD_INVALID command_id", member(1), command_id="x")
        self.bad("INVALID_ARGUMENT/FIELD_INVALID expected_version", member(1), expected_version=-1)
        self.bad("NOT_FOUND/CPTS_NOT_FOUND id", member(1), id=str(uuid.uuid4()))

    def test_governance__a_reused_command_id(self):
        fields = {"command_id": str(uuid.uuid4()), "id": self.id}
        ask("RecordMembers", members=[member(1)], **fields)
        self.bad("ALREADY_EXISTS/COMMAND_ID_REUSED command_id", member(2), **fields)

    def test_governance__a_cpts_that_ended(self):
        client.record(id=self.id, expected_version=1, stage=7, effective_on="2022-01-01")
        self.version = client.get(self.id).version
        self.bad("FAILED_PRECONDITION/CPTS_ENDED id", member(1))
        self.refused("FAILED_PRECONDITION/CPTS_ENDED id", "RecordAdhesion", adhesion=adhesion())
        self.refused("FAILED_PRECONDITION/CPTS_ENDED id", "RecordRepresentative",
                     representative=representative())
        self.refused("FAILED_PRECONDITION/CPTS_ENDED id", "EndMembership", rpps=rpps(1),
                     left_on="2021-06-01")

    def test_governance__leaving(self):
        self.command("RecordMembers", members=[member(1, left_on="2023-01-01")])
        for wanted, fields in (
                ("NOT_FOUND/MEMBER_NOT_FOUND left_on", {"rpps": rpps(2), "left_on": "2022-01-01"}),
                ("NOT_FOUND/MEMBER_NOT_FOUND left_on", {"left_on": "2021-03-01"}),
                ("NOT_FOUND/MEMBER_NOT_FOUND left_on", {"left_on": "2023-01-01"}),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE left_on", {"left_on": FUTURE}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED left_on", {"left_on": ""}),
                ("INVALID_ARGUMENT/RPPS_INVALID rpps", {"rpps": "1"}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED rpps", {"rpps": ""}),
                ("INVALID_ARGUMENT/FIELD_INVALID siret", {"siret": SIRET}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED expected_version", {"expected_version": 0}),
                ("ABORTED/STALE_VERSION expected_version", {"expected_version": 9})):
            with self.subTest(wanted=wanted, **fields):
                self.refused(wanted, "EndMembership",
                             **{"rpps": rpps(1), "left_on": "2022-01-01", **fields})

    def test_governance__lists(self):
        for wanted, fields in (("INVALID_ARGUMENT/FIELD_INVALID page_size", {"page_size": 1001}),
                               ("INVALID_ARGUMENT/FIELD_INVALID page_size", {"page_size": -1}),
                               ("INVALID_ARGUMENT/FIELD_INVALID college", {"college": 7}),
                               ("INVALID_ARGUMENT/FIELD_INVALID as_of", {"as_of": "x"}),
                               ("INVALID_ARGUMENT/PAGE_TOKEN_INVALID page_token",
                                {"page_token": "x"})):
            with self.subTest(**fields):
                found = refusal(ask, "ListMembers", **{"id": self.id, **fields})
                self.assertEqual(f"{found.status}/{found.reason} {found.field}", wanted)
        found = refusal(ask, "GetComposition", id=self.id, region=REGION)
        self.assertEqual((found.reason, found.field), ("FIELD_INVALID", "region"))
        found = refusal(ask, "GetComposition", id=str(uuid.uuid4()))
        self.assertEqual((found.status, found.reason), ("NOT_FOUND", "CPTS_NOT_FOUND"))


class Seats(Governed):
    def seats(self, **fields):
        return list(ask("ListRepresentatives", id=self.id, **fields).representatives)

    def test_governance__a_seat_is_recorded_trained_and_left(self):
        seat = self.command("RecordRepresentative", representative=representative())
        kept = representative(representative_id=seat.representative_id)
        self.assertEqual(self.seats(), [kept])
        trained = representative(representative_id=seat.representative_id, trained_on="2022-06-01")
        again = self.command("RecordRepresentative", representative=trained)
        self.assertEqual(again.representative_id, seat.representative_id)
        self.assertEqual(self.seats(), [trained])
        self.command("RecordRepresentative", representative=representative(
            representative_id=seat.representative_id, trained_on="2022-06-01",
            left_on="2024-01-01"))
        self.assertEqual((self.seats(), len(self.seats(as_of="2023-12-31"))), ([], 1))

    def test_governance__a_repeated_seat_is_the_same_seat(self):
        fields = command({"id": self.id, "expected_version": 1,
                          "representative": representative()})
        first, again = ask("RecordRepresentative", **fields), ask("RecordRepresentative", **fields)
        self.assertEqual((again.replayed, again.representative_id),
                         (True, first.representative_id))

    def test_governance__what_a_seat_needs(self):
        for field, value, wanted in (
                ("association", "", "FIELD_REQUIRED"), ("association", "x" * 201, "FIELD_INVALID"),
                ("association", "a\nb", "FIELD_INVALID"),
                ("approval_reference", "", "FIELD_REQUIRED"),
                ("approval_reference", "x" * 101, "FIELD_INVALID"),
                ("designation_reference", "", "FIELD_REQUIRED"),
                ("designated_on", "", "FIELD_REQUIRED"),
                ("designated_on", FUTURE, "DATE_IN_FUTURE"),
                ("trained_on", FUTURE, "DATE_IN_FUTURE"), ("trained_on", "x", "FIELD_INVALID"),
                ("voice", 0, "FIELD_REQUIRED"), ("seated_on", "", "FIELD_REQUIRED"),
                ("seated_on", "2022-01-09", "FIELD_INVALID"),
                ("left_on", "2022-02-01", "FIELD_INVALID"),
                ("representative_id", "x", "FIELD_INVALID")):
            with self.subTest(field=field, value=value):
                self.refused(f"INVALID_ARGUMENT/{wanted} representative.{field}",
                             "RecordRepresentative",
                             representative=representative(**{field: value}))
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED representative", "RecordRepresentative")
        self.refused("NOT_FOUND/REPRESENTATIVE_NOT_FOUND representative.representative_id",
                     "RecordRepresentative",
                     representative=representative(representative_id=str(uuid.uuid4())))

    def test_governance__seats_have_a_limit(self):
        for _ in range(200):
            self.command("RecordRepresentative", representative=representative())
        self.refused("RESOURCE_EXHAUSTED/TOO_MANY_REPRESENTATIVES id", "RecordRepresentative",
                     representative=representative())


class Ending(Governed):
    """What becomes of members and seats when their CPTS ends."""

    def setUp(self):
        super().setUp()
        self.command("RecordMembers", members=[
            member(1), member(2, left_on="2022-03-01"), member(3, joined_on="2023-05-01"),
            structure()])
        self.command("RecordRepresentative", representative=representative())

    def counted(self, cpts_id, **fields):
        found = ask("GetComposition", id=cpts_id, **fields)
        return (lines(found)[NURSE], lines(found)["REPRESENTANT_USAGERS"],
                sum(one.structure_count for one in found.structures))

    def seats(self, cpts_id, **fields):
        return len(ask("ListRepresentatives", id=cpts_id, **fields).representatives)

    def test_governance__a_way_out_ends_memberships_and_seats(self):
        client.record(id=self.id, expected_version=self.version, stage=7, effective_on="2024-01-01")
        self.assertEqual((believed(self.id), self.seats(self.id), self.counted(self.id)),
                         ({}, 0, (0, 0, 0)))
        before = believed(self.id, as_of="2023-12-31")
        self.assertEqual({number: one[4] for number, one in before.items()},
                         {rpps(1): "2024-01-01", rpps(3): "2024-01-01", FINESS: "2024-01-01"})
        self.assertEqual((self.seats(self.id, as_of="2023-12-31"),
                          self.counted(self.id, as_of="2023-12-31")), (1, (2, 1, 1)))

    def test_governance__a_retracted_way_out_brings_members_back(self):
        client.record(id=self.id, expected_version=self.version, stage=7, effective_on="2024-01-01")
        live = [entry("EMERGENCE", "2020-01-15")]
        self.correct([*live, entry("DISSOUS", "2023-07-01")])
        self.assertEqual(believed(self.id, as_of="2023-06-30")[rpps(1)][4], "2023-07-01")
        self.assertEqual((believed(self.id), self.counted(self.id)), ({}, (0, 0, 0)))
        self.correct(live)
        self.assertEqual({number: one[4] for number, one in believed(self.id).items()},
                         {rpps(1): "", rpps(3): "", FINESS: ""})
        self.assertEqual((self.counted(self.id), self.seats(self.id)), ((2, 1, 1), 1))
        self.assertEqual(believed(self.id, as_of="2022-02-01")[rpps(2)][4], "2022-03-01")

    def correct(self, stages):
        request = history_pb2.CorrectStagesRequest(**command({
            "id": self.id, "expected_version": client.get(self.id).version, "stages": stages,
            "reason": "noted by mistake"}))
        client.history.CorrectStages(request, timeout=CALL_TIMEOUT_S)

    def test_governance__a_merge_moves_members_and_seats_to_the_successor(self):
        successor = client.create().id
        record(successor, member(1, voice="VOICE_CONSULTATIVE"), member(4))
        known = ask("GetComposition", id=successor).known_at
        client.walk("MergeCpts", id=self.id, expected_version=self.version,
                    successor_id=successor, successor_version=2, effective_on="2024-01-01")
        self.assertEqual((believed(self.id), self.counted(self.id)), ({}, (0, 0, 0)))
        self.assertEqual(believed(successor), {
            rpps(1): (NURSE, 1, 2, "2021-03-01", ""), rpps(3): (NURSE, 1, 1, "2024-01-01", ""),
            rpps(4): (NURSE, 1, 1, "2021-03-01", ""), FINESS: ("MSP", 2, 1, "2024-01-01", "")})
        self.assertEqual((self.counted(successor), self.seats(successor)), ((3, 1, 1), 1))
        self.assertEqual(self.counted(successor, as_of="2023-12-31"), (2, 0, 0))
        self.assertEqual(self.counted(successor, known_at=known), (2, 0, 0))
        self.assertEqual(self.counted(self.id, as_of="2023-12-31"), (2, 1, 1))

    def test_governance__a_merge_leaves_no_day_of_a_membership_out(self):
        """The successor's own membership ends first, or began later."""
        successor = client.create().id
        consultative = {"voice": "VOICE_CONSULTATIVE"}
        record(successor, member(1, left_on="2024-06-01", **consultative),
               member(3, joined_on="2024-03-01", left_on="2024-06-01", **consultative))
        client.walk("MergeCpts", id=self.id, expected_version=self.version,
                    successor_id=successor, successor_version=2, effective_on="2024-01-01")
        first, third = (NURSE, 1, 1, "2024-06-01", ""), (NURSE, 1, 1, "2024-01-01", "2024-03-01")
        self.assertEqual({rpps(1): first, rpps(3): first},
                         {number: one for number, one in believed(successor).items()
                          if number != FINESS})
        between = believed(successor, as_of="2024-02-01")
        self.assertEqual((between[rpps(3)], between[rpps(1)][2:]),
                         (third, (2, "2021-03-01", "2024-06-01")))
        self.assertEqual(believed(successor, as_of="2024-04-01")[rpps(3)][2:],
                         (2, "2024-03-01", "2024-06-01"))
        for as_of in "2024-02-01", "2024-04-01", "2024-07-01":
            self.assertEqual(self.counted(successor, as_of=as_of)[0], 2, as_of)


class Counts(Governed):
    def test_governance__kept_counts_are_those_of_the_members(self):
        """Commands at random, then every date on which something changes."""
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        dates = [f"20{year}-{month:02d}-01" for year in range(18, 25) for month in (1, 7)]
        for _ in range(40):
            joined, left = sorted(chance.sample(dates, 2))
            outcome(ask, "RecordMembers", **command({
                "id": self.id, "restates": chance.random() < 0.3, "members": [
                    member(chance.randrange(6), category=chance.choice((GP, NURSE)),
                           joined_on=joined, left_on=chance.choice(("", left)))]}))
            outcome(ask, "EndMembership", **command({
                "id": self.id, "expected_version": client.get(self.id).version,
                "rpps": rpps(chance.randrange(6)), "left_on": chance.choice(dates)}))
        for date in dates:
            found = lines(ask("GetComposition", id=self.id, as_of=date))
            members = [one[0] for one in believed(self.id, as_of=date).values()]
            self.assertEqual((found[GP], found[NURSE]), (members.count(GP), members.count(NURSE)),
                             f"seed {seed}, on {date}")


class Adhesion(Governed):
    def rate(self, **fields):
        found = ask("GetComposition", id=self.id, **fields)
        return found.adhesion if found.HasField("adhesion") else None

    def test_governance__the_last_count_before_the_date_is_read(self):
        self.assertIsNone(self.rate())
        first, last = adhesion(), adhesion(adherent_count=150, counted_on="2024-12-31")
        for one in last, first:
            self.command("RecordAdhesion", adhesion=one)
        self.assertEqual((self.rate(), self.rate(as_of="2024-06-01")), (last, first))
        self.assertIsNone(self.rate(as_of="2023-12-30"))

    def test_governance__a_count_of_the_same_date_corrects(self):
        self.command("RecordAdhesion", adhesion=adhesion())
        known = ask("GetComposition", id=self.id).known_at
        self.command("RecordAdhesion", adhesion=adhesion(adherent_count=99))
        self.assertEqual(self.rate().adherent_count, 99)
        self.assertEqual(self.rate(known_at=known).adherent_count, 120)

    def test_governance__a_rate_needs_both_numbers_date_and_source(self):
        for field, value, wanted in (
                ("professional_count", 0, "ADHESION_INVALID"),
                ("adherent_count", 301, "ADHESION_INVALID"),
                ("adherent_count", -1, "ADHESION_INVALID"),
                ("counted_on", "", "FIELD_REQUIRED"), ("counted_on", FUTURE, "DATE_IN_FUTURE"),
                ("source", " ", "FIELD_REQUIRED"), ("source", "x" * 201, "FIELD_INVALID")):
            with self.subTest(field=field, value=value):
                self.refused(f"INVALID_ARGUMENT/{wanted} adhesion.{field}", "RecordAdhesion",
                             adhesion=adhesion(**{field: value}))
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED adhesion", "RecordAdhesion")


def lines(found):
    """{code: number, None when withheld}"""
    return {line.code: None if line.withheld else line.member_count for line in found.lines}


class Composition(unittest.TestCase):
    """A node of its own, so that nobody else's members count."""

    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.stop)
        cls.clients = {role: cls.node.client(name) for role, (name, _, _) in IDENTITIES.items()}
        for one in cls.clients.values():
            cls.addClassCleanup(one.close)
        # region: CPTS with so many GPs, nurses and midwives.
        cls.cpts = [cls.make(REGION, 40, 20, 3), cls.make(REGION, 50, 30, 12),
                    cls.make(REGION, 60, 25, 15), cls.make(OTHER_REGION, 30, 12, 9)]

    @classmethod
    def make(cls, region, *counts):
        operator = cls.clients["OPERATOR"]
        cpts_id = operator.create(lead_region=region, stages=PUBLISHED).id
        members, number = [structure()], hash(cpts_id) % 900_000
        for category, count in zip((GP, NURSE, "SAGE_FEMME"), counts):
            for _ in range(count):
                number += 1
                members.append(member(number, category=category))
        operator.govern("RecordMembers", **command({"id": cpts_id, "members": members}))
        return cpts_id

    def get(self, role, **fields):
        return self.clients[role].govern("GetComposition", **fields)

    def test_governance__who_may_see_members_sees_every_count(self):
        found = self.get("ARS_AGENT", id=self.cpts[0])
        self.assertEqual([lines(found)[code] for code in (GP, NURSE, "SAGE_FEMME", "PHARMACIEN")],
                         [40, 20, 3, 0])
        self.assertEqual((found.member_count, found.cpts_count, found.synthetic_count),
                         (63, 1, 1))
        self.assertEqual([(one.code, one.structure_count) for one in found.structures],
                         [("MSP", 1)])
        region = self.get("ARS_AGENT", region=REGION)
        self.assertEqual((lines(region)["SAGE_FEMME"], region.member_count, region.cpts_count),
                         (30, 255, 3))
        nation = self.get("OPERATOR")
        self.assertEqual((lines(nation)[GP], nation.member_count),
                         (180, sum(lines(nation).values())))

    def test_governance__the_published_composition_stands_beside_it(self):
        found = {line.code: line for line in self.get("PUBLIC").lines}
        self.assertEqual([found[code].published_percent for code in (GP, NURSE, "PHARMACIEN")],
                         [36, 15, 14])
        self.assertFalse(found["SAGE_FEMME"].HasField("published_percent"))
        self.assertIn("not recorded", found[GP].published_source)
        self.assertIn("not identified", found[GP].published_confidence)

    def test_governance__small_counts_are_withheld_from_the_others(self):
        for role in "DGOS_ANALYST", "PUBLIC":
            with self.subTest(role=role):
                small = self.get(role, id=self.cpts[0])
                self.assertEqual((lines(small)[GP], lines(small)["SAGE_FEMME"]), (40, None))
                self.assertFalse(small.HasField("member_count"))
                self.assertEqual(lines(self.get(role, region=REGION))[GP], 150)

    def test_governance__what_is_withheld_cannot_be_worked_out(self):
        """Midwives: 3, 12, 15 in one region, 9 in the other; every sum that is
        shown leaves at least two hidden cells, 11 or more together."""
        for role in "DGOS_ANALYST", "PUBLIC":
            shown = [lines(self.get(role, id=cpts_id))["SAGE_FEMME"] for cpts_id in self.cpts]
            own = lines(self.get(role, region=REGION))["SAGE_FEMME"]
            other = lines(self.get(role, region=OTHER_REGION))["SAGE_FEMME"]
            nation = lines(self.get(role))["SAGE_FEMME"]
            self.assertEqual((shown[0], shown[3], other), (None, None, None))
            hidden = [count for count, seen in zip((3, 12, 15), shown) if seen is None]
            if own is not None:
                self.assertGreaterEqual(len(hidden), 2)
                self.assertGreaterEqual(sum(hidden), 11)
            if nation is not None:
                self.assertIsNone(own, "the nation less one region is the other")

    def test_governance__another_region_s_ars_is_like_everybody(self):
        found = self.get("ARS_AGENT", id=self.cpts[3])
        self.assertIsNone(lines(found)["SAGE_FEMME"])
        self.assertIsNone(lines(self.get("ARS_AGENT"))["REPRESENTANT_USAGERS"] or None)
        self.assertEqual(outcome(self.clients["ARS_AGENT"].govern, "ListMembers",
                                 id=self.cpts[3]), "PERMISSION_DENIED/OUT_OF_SCOPE")

    def test_governance__a_date_before_anybody_joined(self):
        found = self.get("PUBLIC", as_of="2021-02-28")
        self.assertEqual((found.member_count, found.cpts_count), (0, 0))

    def test_governance__the_public_sees_what_is_published(self):
        hidden = self.clients["OPERATOR"].create(lead_region="84").id
        self.clients["OPERATOR"].govern("RecordMembers", **command(
            {"id": hidden, "members": [member(number, category="PHARMACIEN")
                                       for number in range(12)]}))
        self.assertEqual(outcome(self.clients["PUBLIC"].govern, "GetComposition", id=hidden),
                         "NOT_FOUND/CPTS_NOT_FOUND")
        for role, wanted in (("PUBLIC", 0), ("DGOS_ANALYST", 0), ("OPERATOR", 12)):
            self.assertEqual(lines(self.get(role, region="84"))["PHARMACIEN"], wanted)

    def test_governance__two_scopes_are_shown_one_table(self):
        """The difference of what two callers see would be the count of a CPTS."""
        hidden = self.clients["OPERATOR"].create(lead_region="27").id
        self.clients["OPERATOR"].govern("RecordMembers", **command(
            {"id": hidden, "members": [member(number, category="PHARMACIEN")
                                       for number in range(4)]}))
        for fields in ({}, {"region": "27"}, {"region": REGION}, {"id": self.cpts[0]}):
            answers = [self.get(role, **fields) for role in ("PUBLIC", "DGOS_ANALYST")]
            self.assertEqual(lines(answers[0]), lines(answers[1]), fields)
            self.assertEqual(answers[0].cpts_count, answers[1].cpts_count, fields)
        found = self.get("DGOS_ANALYST", id=hidden)
        self.assertEqual(set(lines(found).values()), {None})
        self.assertFalse(found.HasField("member_count"))
        self.assertEqual(lines(self.get("OPERATOR", id=hidden))["PHARMACIEN"], 4)

    def test_governance__adhesion_of_few_is_left_out_for_the_others(self):
        operator = self.clients["OPERATOR"]
        for cpts_id, count in zip(self.cpts, (10, 11, 60)):
            operator.govern("RecordAdhesion", **command({
                "id": cpts_id, "expected_version": operator.get(cpts_id).version,
                "adhesion": adhesion(adherent_count=count)}))
        for role, wanted in (("ARS_AGENT", (81, 900, 3)), ("DGOS_ANALYST", (71, 600, 2))):
            found = self.get(role, region=REGION)
            self.assertEqual((found.adhesion.adherent_count, found.adhesion.professional_count,
                              found.adhesion_cpts_count), wanted)
        self.assertFalse(self.get("PUBLIC", id=self.cpts[0]).HasField("adhesion"))


class Categories(unittest.TestCase):
    def test_governance__categories_have_labels_and_sources(self):
        found = clients["PUBLIC"].govern("ListMemberCategories")
        professions = {one.code: one for one in found.professions}
        kinds = {one.code: one for one in found.structure_kinds}
        self.assertEqual((professions["INFIRMIER"].label, professions["INFIRMIER"].national_code),
                         ("Infirmier", "60"))
        for code in ("MSP CDS ESP HOPITAL EHPAD SSR DAC PMI CPEF EDAS COMMUNE CCAS").split():
            self.assertTrue(kinds[code].label and kinds[code].source and kinds[code].confidence)


if __name__ == "__main__":
    psql.main()
