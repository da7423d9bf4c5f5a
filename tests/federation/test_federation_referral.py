# SPDX-License-Identifier: Apache-2.0
"""Referrals inside regions and between them, urgent ones, with attachments, with keys that
change on the way, while networks fail at random and frames are lost, repeated and swapped:
each is once at whoever takes part, no act is done twice, and nobody else sees it.
BREAKS=n for longer runs."""
import concurrent.futures
import os
import unittest
import uuid

import reach  # noqa: F401
import referral_ledger
import grpc
import sealing
from cast import CARE
from coordinators import CHUNK_BYTES, Attachment, Referring, Sent, Stubs, chunk_request, grant
from cpts.v1 import referral_pb2
from frame_relay import Disorder, FrameRelay
from history import UNDECIDED
from node import CALL_TIMEOUT_S, Refusal, outcome, registry_pb2
from psql import main
from racers import Manner
from voyage import Voyage, wait_until
from weather import weathers

BREAKS = int(os.environ.get("BREAKS") or 16)
COMMANDS_BETWEEN = 8
# Two CPTS of each region, one that the national node serves, and one thread of other work.
PLACES = {"11": 2, "52": 2, "84": 2, "76": 1}
QUIET = Manner(thread_count=1, resend_share=0.1, reuse_share=0.02)
DISORDERED = "52"
# A node reads the keys that came to it once a second.
NOT_YET = frozenset({"KEY_NOT_PUBLISHED"})
STATES = "SELECT state, count(*) FROM cpts.assignment GROUP BY 1 ORDER BY 1;"
OWNERS = "SELECT owner_node, count(*) FROM cpts.referral GROUP BY 1 ORDER BY 1;"


class Referrals(Voyage):
    # What a relay loses or swaps is a gap to who receives it.
    expected_alarms = frozenset({"GAP", "CHAIN_BROKEN", "CHECKPOINT_BAD"})

    def setUp(self):
        super().setUp()
        self.sail(manner=QUIET)
        self.referring = Referring(self.traffic, PLACES)

    def violations(self):
        found = super().violations()
        found.update(referral_ledger.violations(self.holdings, self.referring.book))
        return found

    def account(self, found):
        counts = [f"{name}: {count}" for name, count in self.referring.counts().items()]
        return "\n".join([*counts, super().account(found)])

    def disordered(self):
        """Frames of one region are lost, repeated and swapped from now on."""
        manner = Disorder(self.seed)
        relay = FrameRelay(self.fleet, DISORDERED, manner)
        self.addCleanup(relay.close)
        self.fleet.relay(DISORDERED, relay.port)
        return manner

    def break_networks(self, ways):
        for number in range(BREAKS):
            region = self.rng.choice(list(self.fleet.proxies))
            ways[self.rng.choice(list(ways))](self.fleet.proxies[region])
            self.wait_for_commands(COMMANDS_BETWEEN)
            self.referring.let_clocks_run(self.rng)
            if number == BREAKS // 2:
                self.mend()
                self.referring.rotate(self.rng.choice(self.referring.houses))
            self.assertEqual(list(self.early_acknowledgements()), [])

    def mend(self):
        for proxy in self.fleet.proxies.values():
            proxy.mend()
            proxy.cut()

    def test_referral__once_at_all_who_take_part_after_whatever_was_broken(self):
        manner = self.disordered()
        with self.traffic.running(), self.referring.running():
            self.break_networks(weathers(self.rng))
            self.mend()
            wait_until(lambda: all(manner.happened.values()), "every kind of disorder",
                       self.converge_timeout_s)
        manner.is_calm = True
        self.mend()
        self.referring.finish()
        national = self.fleet.national.database
        self.judge_voyage(**self.referring.counts(), states=national.query(STATES),
                          owners=national.query(OWNERS), **manner.happened,
                          attachments=sum(attachment.is_complete
                                          for one in self.referring.book.submitted()
                                          for attachment in one.attachments.values()),
                          referrals=len(self.referring.book.submitted()))


class Leaving(Voyage):
    """A referral inside a region that an act leads out of it."""

    HERE, THERE = "11", "52"
    NODE = f"region/{HERE}"

    def setUp(self):
        super().setUp()
        binary = "cptsd_failpoints"
        self.sail(manner=QUIET, regions=(self.HERE, self.THERE),
                  binaries={"national": binary, self.NODE: binary})
        self.referring = Referring(self.traffic, {self.HERE: 2, self.THERE: 1})
        self.origin, self.near, self.far = self.referring.houses
        self.sent = []

    def violations(self):
        found = super().violations()
        found.update(referral_ledger.violations(self.holdings, self.referring.book))
        return found

    def say(self, house, method, request, member=None):
        """The answer; whatever cannot be reached now is sent again, as it is."""
        request.command_id = request.command_id or str(uuid.uuid4())
        found, undecided = [], []

        def is_decided():
            with (member or house.member).channel(house.name) as channel:
                try:
                    found.append(getattr(Stubs(channel), method)(request, timeout=CALL_TIMEOUT_S))
                except grpc.RpcError as error:
                    refused = Refusal(error)
                    if refused.status in UNDECIDED or refused.reason in NOT_YET:
                        undecided.append(str(refused))
                        return False
                    found.append(refused)
            return True
        try:
            wait_until(is_decided, f"answer to {method}", self.converge_timeout_s)
        except AssertionError as failure:
            self.fail(f"{failure}: {undecided[-1:]}\n{self.fleet.logs()}")
        return found[-1]

    def carried_out(self, *arguments):
        answer = self.say(*arguments)
        self.assertNotIsInstance(answer, Refusal, answer)
        return answer

    def submit(self):
        """From one CPTS of the region to the other."""
        one = Sent(self.origin, sealing.Sealed(self.origin))
        request = one.sealed.submit([], actor=CARE)
        request.destinations.append(one.recipient(self.near))
        self.carried_out(self.origin, "SubmitReferral", request)
        one.is_submitted = True
        self.referring.book.sent[one.id] = one
        self.assertEqual(self.owner(one), [self.NODE])
        return one, request.destinations[0].assignment_id

    def owner(self, one):
        return [row[0] for row in self.fleet.regions[self.HERE].database.query(
            f"SELECT owner_node FROM cpts.referral WHERE referral_id = '{one.id}';")]

    def act(self, house, one, attempt, event, version, reason=""):
        return self.carried_out(house, "ActOnReferral", referral_pb2.ActOnReferralRequest(
            referral_id=one.id, assignment_id=attempt, expected_version=version, reason=reason,
            event=f"REFERRAL_EVENT_{event}", actor=CARE)).version

    def redirection(self):
        """A referral that was accepted, and the request to redirect it to the other region."""
        one, attempt = self.submit()
        version = self.act(self.near, one, attempt, "ACCEPT", 1)
        return one, referral_pb2.RedirectReferralRequest(
            referral_id=one.id, assignment_id=attempt, expected_version=version, actor=CARE,
            next=one.recipient(self.far, by=self.near), sealed_sha256=one.sealed.hashes)

    def introduce(self, house):
        """The national node lets the house speak to it, too."""
        national = self.fleet.national
        grant(national, house)
        with national.channel(house.name) as channel:
            wait_until(lambda: outcome(Stubs(channel).GetCpts, registry_pb2.GetCptsRequest(
                id=house.cpts_id), timeout=CALL_TIMEOUT_S) == "OK", "role at the national node")

    def attach(self, one):
        """By its origin, at its own node."""
        key, attachment = sealing.uuid7(), Attachment(self.rng.randbytes(CHUNK_BYTES + 9))
        one.attachments[key] = attachment
        for index in range(attachment.chunk_count):
            answer = self.carried_out_plain(self.origin, "PutAttachmentChunk",
                                            chunk_request(one, key, attachment, index))
        attachment.is_complete = answer.complete
        self.assertTrue(answer.complete)

    def carried_out_plain(self, house, method, request):
        with house.member.channel(house.name) as channel:
            return getattr(Stubs(channel), method)(request, timeout=CALL_TIMEOUT_S)

    def test_leaving__keys_that_come_late_count(self):
        """A later position of the directory was read before it."""
        region = self.fleet.regions[self.HERE]
        late = f"WHERE cpts_id = '{self.referring.houses[0].cpts_id}'"
        with region.stopped():
            region.database.query("CREATE TABLE public.late AS SELECT * FROM cpts.key_statement "
                                  f"{late}; DELETE FROM cpts.key_statement {late};")
        one = Sent(self.near, sealing.Sealed(self.near))
        request = one.sealed.submit([], actor=CARE)
        request.destinations.append(one.recipient(self.origin))
        self.assertEqual(self.plain_outcome(self.near, request), "NOT_FOUND/KEY_NOT_PUBLISHED")
        region.database.query("INSERT INTO cpts.key_statement SELECT * FROM public.late;"
                              " DROP TABLE public.late;")
        self.carried_out(self.near, "SubmitReferral", request)
        one.is_submitted = True
        self.referring.book.sent[one.id] = one
        self.judge()

    def plain_outcome(self, house, request):
        request.command_id = str(uuid.uuid4())
        with house.member.channel(house.name) as channel:
            return outcome(Stubs(channel).SubmitReferral, request, timeout=CALL_TIMEOUT_S)

    def judge(self):
        """The work of both regions goes on with it."""
        with self.traffic.running():
            self.wait_for_commands(COMMANDS_BETWEEN)
        self.judge_voyage()

    def test_leaving__an_act_goes_with_it_and_is_known_there(self):
        one, request = self.redirection()
        self.attach(one)
        self.carried_out(self.near, "RedirectReferral", request)
        self.attach(one)
        wait_until(lambda: self.owner(one) == ["national"], "owner", self.converge_timeout_s)
        self.introduce(self.near)
        for member in (self.near.member, self.fleet.national):
            with self.subTest(member=member.node):
                self.assertTrue(self.carried_out(self.near, "RedirectReferral", request,
                                                 member).replayed)
        other = referral_pb2.RedirectReferralRequest()
        other.CopyFrom(request)
        other.expected_version += 1
        self.assertEqual(self.say(self.near, "RedirectReferral", other).reason,
                         "COMMAND_ID_REUSED")
        self.judge()

    def test_leaving__known_at_the_new_owner_what_the_old_one_did(self):
        one, request = self.redirection()
        accepted = referral_pb2.ActOnReferralRequest(
            command_id=str(uuid.uuid4()), referral_id=one.id, expected_version=2, actor=CARE,
            assignment_id=request.assignment_id, event="REFERRAL_EVENT_START")
        request.expected_version = self.carried_out(self.near, "ActOnReferral", accepted).version
        self.act(self.near, one, request.assignment_id, "DECLINE", request.expected_version,
                 "CAPACITY")
        version = int(self.near.member.database.value(
            f"SELECT version FROM cpts.referral WHERE referral_id = '{one.id}';"))
        self.carried_out(self.origin, "ReassignReferral", referral_pb2.ReassignReferralRequest(
            referral_id=one.id, expected_version=version, actor=CARE,
            destinations=[one.recipient(self.far)], sealed_sha256=one.sealed.hashes))
        self.introduce(self.near)
        for member in (self.near.member, self.fleet.national):
            with self.subTest(member=member.node):
                self.assertTrue(self.carried_out(self.near, "ActOnReferral", accepted,
                                                 member).replayed)
        self.judge()

    def test_leaving__killed_between_released_and_taken(self):
        for member in (self.fleet.regions[self.HERE], self.fleet.national):
            for point in ("ownership/before_step", "ownership/after_step"):
                with self.subTest(member=member.node, point=point):
                    self.kill_at(member, point)
        self.judge()

    def kill_at(self, member, point):
        """A redirect to the other region, while a side dies at the hand-over."""
        one, request = self.redirection()
        self.converge()
        request.command_id = str(uuid.uuid4())
        member.order(f"kill/{point} 1")
        # The server is started by this thread: with the one that did it would end.
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(self.say, self.near, "RedirectReferral", request)
            wait_until(member.has_ended, f"death of {member.node} at {point}",
                       self.converge_timeout_s)
            self.assertEqual(member.process.returncode, -9, member.log()[-2000:])
            member.order()
            member.start()
            self.assertNotIsInstance(answer.result(), Refusal, answer.result())
        self.assertTrue(self.carried_out(self.near, "RedirectReferral", request).replayed)
        wait_until(lambda: self.owner(one) == ["national"], "owner", self.converge_timeout_s)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
