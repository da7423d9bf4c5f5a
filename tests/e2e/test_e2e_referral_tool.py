# SPDX-License-Identifier: Apache-2.0
"""Referrals through cptsctl, with every step of the table: sealed by one CPTS, opened by
the other, refused here before the node is asked."""
import json
import os
import subprocess
import time

from desk_tool import COMMUNE, CONTENT, OFFER, PASSPHRASE, Desk, DeskTest, desks
from node import BUILD
import psql
from tool import TIMEOUT_S, write_profile

ATTACHMENT_BYTES = 1_300_000


def at(days):
    """That many days from now, as an argument."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))


class Way(DeskTest):
    """Every step, in the order of some referrals."""

    NAMES = ("origine", "destination", "voisine")

    def state(self, desk, referral):
        shown = json.loads(self.fine(desk.refer("show", referral, "--json")))["referral"]
        return shown["status"].removeprefix("REFERRAL_STATUS_"), [
            one["state"].removeprefix("ASSIGNMENT_STATE_") for one in shown["assignments"]]

    def steps(self, referral, *steps):
        """(desk, words of the step, state after it) one after the other."""
        for desk, words, state in steps:
            verb, *rest = words.split()
            self.assertEqual(self.act(desk, verb, referral, *rest).split("_STATE_")[-1], state)

    def test_referral__submitted_accepted_reported_acknowledged(self):
        referral = self.submitted()
        self.assertIn(referral, self.fine(self.destination.refer("inbox", "--plain")))
        self.assertIn(referral, self.fine(self.origin.refer("outbox", "--csv")))
        report = self.destination.write("report.txt", "Plaie suturée, 4 points.")
        self.steps(referral, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, f"schedule --at {at(1)}", "SCHEDULED"),
                   (self.destination, "start", "IN_PROGRESS"),
                   (self.destination, f"report --note {report}", "REPORTED"))
        opened = json.loads(self.fine(self.origin.refer("show", referral, "--open", "--json")))
        self.assertEqual([note["text"] for note in opened["notes"]], ["Plaie suturée, 4 points."])
        self.assertEqual((opened["offer"], opened["content"]), (OFFER, CONTENT))
        self.steps(referral, (self.origin, "acknowledge", "CLOSED"))
        self.assertEqual(self.state(self.origin, referral), ("FULFILLED", ["CLOSED"]))

    def test_content__opens_only_once_it_was_accepted(self):
        referral = self.submitted()
        before = self.fine(self.destination.refer("show", referral, "--open"))
        self.assertIn(OFFER, before)
        self.assertNotIn("SYNTHÈSE", before)
        self.act(self.destination, "accept", referral)
        self.assertIn(CONTENT, self.fine(self.destination.refer("show", referral, "--open")))

    def test_question__asked_and_answered(self):
        referral = self.submitted()
        question = self.destination.write("question.txt", "Vaccination antitétanique ?")
        answer = self.origin.write("answer.txt", "À jour.")
        self.steps(referral, (self.destination, f"ask --note {question}", "INFO_REQUESTED"),
                   (self.origin, f"answer --note {answer}", "DELIVERED"))
        shown = self.fine(self.destination.refer("show", referral, "--open"))
        self.assertLess(shown.index("antitétanique"), shown.index("À jour."))

    def test_visits__missed_called_off_and_set_again(self):
        referral = self.submitted()
        self.steps(referral, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, f"schedule --at {at(0)}", "SCHEDULED"),
                   (self.destination, "no-show", "SCHEDULED"),
                   (self.destination, "cancel-visit", "ACCEPTED"),
                   (self.destination, f"schedule --at {at(1)}", "SCHEDULED"))
        self.assertIn("NO_SHOW 1", self.fine(self.destination.refer("show", referral)))

    def test_cancelling__is_asked_refused_and_agreed(self):
        referral = self.submitted()
        self.steps(referral, (self.destination, "accept", "ACCEPTED"),
                   (self.origin, "request-cancel --reason NEED_OVER", "CANCEL_REQUESTED"),
                   (self.destination, "refuse-cancel", "ACCEPTED"),
                   (self.origin, "request-cancel", "CANCEL_REQUESTED"),
                   (self.destination, "confirm-cancel", "CANCELLED"))
        self.assertEqual(self.state(self.origin, referral)[0], "TO_REASSIGN")

    def test_report__disputed_once_and_written_again(self):
        referral = self.submitted()
        note = self.origin.write("why.txt", "Le côté n'est pas le bon.")
        coded = "report --reason NO_REPORT_IN_DMP"
        self.steps(referral, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, coded, "REPORTED"),
                   (self.origin, f"dispute --note {note}", "IN_PROGRESS"),
                   (self.destination, coded, "REPORTED"))
        self.refused(self.origin.refer("dispute", referral, "--note", note),
                     "ILLEGAL_REFERRAL_ACT", 7)
        self.steps(referral, (self.origin, "acknowledge", "CLOSED"))

    def test_declined__reassigned_withdrawn_and_abandoned(self):
        referral = self.submitted()
        third = self.desks[2]
        self.steps(referral, (self.destination, "decline --reason CAPACITY", "DECLINED"))
        self.assertIn(referral, self.fine(self.origin.refer("to-reassign", "--plain")))
        self.act(self.origin, "reassign", referral, "--to", third.cpts_id)
        self.assertIn(OFFER, self.fine(third.refer("show", referral, "--open")))
        self.steps(referral, (self.origin, "withdraw --reason NEED_OVER", "WITHDRAWN"))
        answer = self.act(self.origin, "abandon", referral, "--reason", "NEED_OVER")
        self.assertEqual(answer, "REFERRAL_STATUS_ABANDONED")

    def test_redirect__by_who_accepted_is_sealed_for_the_next(self):
        referral = self.submitted()
        third = self.desks[2]
        self.steps(referral, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, f"redirect --to {third.cpts_id} --reason BETTER_PLACED",
                    "REDIRECTED"))
        self.steps(referral, (third, "accept", "ACCEPTED"))
        self.assertIn(CONTENT, self.fine(third.refer("show", referral, "--open")))

    def test_redirect__before_accepting_is_a_proposal(self):
        referral = self.submitted()
        third = self.desks[2]
        self.steps(referral, (self.destination, f"redirect --to {third.cpts_id}", "REDIRECTED"))
        self.assertIn(third.cpts_id, self.fine(self.origin.refer("show", referral)))
        self.act(self.origin, "reassign", referral, "--to", third.cpts_id)
        self.steps(referral, (third, "accept", "ACCEPTED"))

    def test_candidate__asked_when_widened(self):
        third = self.desks[2]
        referral = self.submitted(words=("--then", third.cpts_id))
        self.assertNotIn(referral, self.fine(third.refer("inbox", "--plain")))
        self.act(self.origin, "widen", referral)
        self.assertIn(referral, self.fine(third.refer("inbox", "--plain")))
        self.steps(referral, (third, "accept", "ACCEPTED"))
        self.assertEqual(sorted(self.state(self.origin, referral)[1]), ["ACCEPTED", "WITHDRAWN"])

    def test_failed__and_recorded_by_mistake(self):
        failed, mistaken = self.submitted(), self.submitted()
        self.steps(failed, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, "fail --reason PATIENT_LEFT", "FAILED"))
        self.steps(mistaken, (self.origin, "enter-in-error --reason WRONG_PATIENT",
                              "ENTERED_IN_ERROR"))

    def test_recall__and_closing_by_the_desk_wait_for_overdue(self):
        recalled, closed = self.submitted(), self.submitted()
        agent = self.agent()
        self.steps(recalled, (self.destination, "accept", "ACCEPTED"))
        self.refused(self.origin.refer("recall", recalled), "ILLEGAL_REFERRAL_ACT", 7)
        self.steps(closed, (self.destination, "accept", "ACCEPTED"),
                   (self.destination, "report --reason NO_REPORT_IN_DMP", "REPORTED"))
        self.node.database.query("UPDATE cpts.assignment SET overdue = 3 WHERE referral_id IN "
                                 f"('{recalled}', '{closed}') RETURNING 1")
        self.steps(recalled, (self.origin, "recall", "FAILED"))
        self.steps(closed, (agent, "close", "CLOSED"))
        self.assertIn(recalled, self.fine(self.origin.refer("to-reassign", "--plain")))

    def agent(self):
        """The ARS of the region, as a desk."""
        desk = Desk.__new__(Desk)
        desk.node, desk.name = self.node, "."
        desk.profile = write_profile(self.node, "agent.ini", certificate="agent.pem",
                                     key="agent.key", key_root="root.pub", function="pôle offre",
                                     purpose="desk")
        return desk

    def test_desk__sees_no_content(self):
        referral = self.submitted()
        agent = self.agent()
        self.assertIn(referral, self.fine(agent.refer("show", referral)))
        self.refused(agent.refer("show", referral, "--open", "--store",
                                 self.origin.path("own.keys"), "--passphrase-file",
                                 self.origin.path("passphrase")), "CONTENT_NOT_FOR_PARTY", 4)


class Around(DeskTest):
    """What goes with it."""

    def test_find__says_who_and_why(self):
        rows = self.fine(self.origin.refer("find", COMMUNE, "--csv")).splitlines()
        self.assertTrue(rows[0].startswith("cpts_id,name,eligible,reason"))
        self.refused(self.origin.refer("find", "99999"), "UNKNOWN_UNIT", 1)

    def test_reasons__of_one_step(self):
        rows = self.fine(self.origin.refer("reasons", "--of", "decline", "--plain"))
        self.assertIn("DECLINE\tCAPACITY\t", rows)
        self.assertNotIn("ABANDON", rows)

    def test_consent__recorded_and_withdrawn(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        self.act(self.origin, "consent", referral, "--consent-by", "PATIENT", "--consent-on",
                 "2026-11-20", "--consent-form", "ORAL", "--consent-scope", "suivi")
        self.act(self.origin, "consent", referral, "--withdraw")
        self.refused(self.destination.refer("show", referral, "--open"), "CONSENT_WITHDRAWN", 7)

    def test_queued__too_late_is_parked(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        late = self.origin.refer("withdraw", referral, "--queued", "--version", "1")
        self.assertEqual(late.returncode, 7, late.stderr)
        row = next(line for line in self.fine(self.origin.refer("parked", "--plain")).splitlines()
                   if referral in line).split("\t")
        self.assertEqual(row[2], "WITHDRAW")
        self.assertIn("DISCARDED", self.fine(self.origin.refer("parked", "--discard", row[0])))
        self.assertNotIn(referral, self.fine(self.origin.refer("parked", "--plain")))
        self.assertIn("DISCARDED", self.fine(self.origin.refer("parked", "--all", "--plain")))

    def test_figures__of_this_cpts(self):
        self.submitted()
        rows = self.fine(self.origin.refer("statistics", "--cpts", self.origin.cpts_id, "--csv"))
        self.assertRegex(rows.splitlines()[1].split(",")[2], "^[1-9]")
        self.fine(self.origin.refer("unmet", "--csv"))

    def test_watch__every_step_once(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        lines = self.fine(self.destination.refer("watch", "--until-bookmark", "--plain"))
        steps = [line.split("\t")[3] for line in lines.splitlines() if referral in line]
        self.assertEqual(steps, ["SUBMIT", "ACCEPT"])

    def test_unroutable__is_counted(self):
        words = self.origin.submit_words()
        answer = self.done(self.origin.refer("submit", *words, "--json"))
        shown = self.fine(self.origin.refer("show", answer["id"]))
        self.assertIn("UNROUTABLE", shown)

    def test_erased__nothing_opens_any_more(self):
        referral = self.submitted()
        self.act(self.origin, "withdraw", referral)
        self.act(self.origin, "abandon", referral, "--reason", "NEED_OVER")
        self.fine(self.origin.refer("erase", referral, "--why", "patient-request"))
        self.refused(self.origin.refer("show", referral, "--open"), "REFERRAL_IS_ERASED", 7)

    def test_opt_in__recorded_for_a_use_case(self):
        self.fine(self.origin.refer("opt-in", self.origin.cpts_id, "snp"))
        self.fine(self.origin.refer("opt-in", self.origin.cpts_id, "snp", "--out"))

    def test_attachments__there_and_back_after_a_break(self):
        scan = bytes(index * 7 % 251 for index in range(ATTACHMENT_BYTES))
        file = self.origin.write("scan.pdf", scan)
        referral = self.submitted(words=("--attach", file))
        self.act(self.destination, "accept", referral)
        into = self.destination.path("fetched")
        self.fine(self.destination.refer("fetch", referral, "--into", into))
        self.assertEqual(len(os.listdir(into)), 1)
        self.assertEqual(self.fetched(into, "scan.pdf"), [scan])
        kept = os.listdir(self.origin.path("sent"))
        self.assertEqual([name for name in kept if name.endswith(".sealed")], [])
        self.fine(self.origin.refer("attach", referral))

    def test_show__what_a_peer_wrote_steers_no_terminal(self):
        text = "a\x1b]0;title\x07\x1b[2J\u009bb"
        words = self.origin.submit_words(self.destination,
                                         offer=self.origin.write("steering.txt", text))
        referral = self.done(self.origin.refer("submit", *words, "--json"))["id"]
        shown = self.fine(self.destination.refer("show", referral, "--open"))
        self.assertIn("a\\x1B]0;title\\x07\\x1B[2J\\xC2\\x9Bb\n", shown)
        self.assertNotIn("\x1b", shown)
        opened = self.done(self.destination.refer("show", referral, "--open", "--json"))
        self.assertEqual(opened["offer"], text)

    def test_attachment__with_a_report(self):
        referral = self.submitted()
        file = self.destination.write("ecg.txt", "tracé synthétique")
        note = self.destination.write("report.txt", "Voir le tracé.")
        self.act(self.destination, "accept", referral)
        self.act(self.destination, "report", referral, "--note", note, "--attach", file)
        self.fine(self.origin.refer("fetch", referral, "--into", self.origin.path("ecg")))
        self.assertEqual(self.fetched(self.origin.path("ecg"), "ecg.txt"),
                         ["tracé synthétique".encode()])

    def test_attachment__never_in_the_place_of_another_file(self):
        """Two of one name, which is that of a file in the folder and of a link; again."""
        files = []
        for folder, text in (("one", b"first"), ("two", b"second")):
            os.mkdir(self.origin.path(folder))
            files += ["--attach", self.origin.write(f"{folder}/profile.ini", text)]
        referral = self.submitted(words=files)
        self.act(self.destination, "accept", referral)
        os.mkdir(self.destination.path("work"))
        own = self.destination.write("work/profile.ini", "own profile")
        into = os.path.dirname(own)
        paths = self.fine(self.destination.refer("fetch", referral, "--into", into)).splitlines()
        self.assertEqual(self.fetched(into, "-profile.ini"), [b"first", b"second"])
        with open(own, encoding="utf-8") as kept:
            self.assertEqual(kept.read(), "own profile")
        os.remove(paths[0])
        os.symlink(self.destination.path("elsewhere"), paths[0])
        self.destination.write(paths[1], "edited since")
        again = self.destination.refer("fetch", referral, "--into", into)
        self.assertEqual(self.fine(again), "")
        self.assertEqual(again.stderr.count("is there already"), 2)
        self.assertFalse(os.path.exists(self.destination.path("elsewhere")))
        with open(paths[1], encoding="utf-8") as kept:
            self.assertEqual(kept.read(), "edited since")
        self.assertEqual(len(os.listdir(into)), 3)

    @staticmethod
    def fetched(folder, name):
        """What the files of a folder hold whose name ends so."""
        found = []
        for one in os.listdir(folder):
            if one.endswith(name) and one != name:
                with open(os.path.join(folder, one), "rb") as file:
                    found.append(file.read())
        return sorted(found)


class Heirs(DeskTest):
    """A CPTS merges while a patient is on the way."""

    NAMES = ("autre", "troisieme")
    MADE = iter(range(100))

    def setUp(self):
        number = next(self.MADE)
        self.origin, self.destination, self.heir = desks(
            self.node, self.operator, f"origine-{number}", f"destination-{number}",
            f"heritiere-{number}")
        self.third = self.desks[1]

    def merge(self, desk):
        """That CPTS becomes the heir."""
        versions = {one: self.operator.get(one.cpts_id).version for one in (desk, self.heir)}
        self.operator.walk("MergeCpts", id=desk.cpts_id, expected_version=versions[desk],
                           successor_id=self.heir.cpts_id, successor_version=versions[self.heir],
                           effective_on="2024-01-01")

    def rewrap_mark(self, desk, verb, referral):
        """What the list says of it."""
        head, *rows = [line.split(",") for line in
                       self.fine(desk.refer(verb, "--csv")).splitlines()]
        return next(dict(zip(head, row)) for row in rows if row[0] == referral)["rewrap"]

    def show_open(self, desk, referral):
        result = desk.refer("show", referral, "--open")
        return self.fine(result), result.stderr

    def test_report__reaches_the_cpts_that_the_origin_became(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        self.merge(self.origin)
        shown = self.fine(self.destination.refer("show", referral, "--open"))
        self.assertIn(CONTENT, shown)
        self.assertRegex(shown, f"now +{self.heir.cpts_id}")
        report = self.destination.write("report.txt", "Suture faite.")
        self.act(self.destination, "report", referral, "--note", report)
        self.assertIn("Suture faite.", self.show_open(self.heir, referral)[0])
        self.act(self.heir, "acknowledge", referral)

    def test_destination__that_merged_opens_what_the_origin_seals_again(self):
        referral = self.submitted()
        asked = self.destination.write("asked.txt", "Depuis quand ?")
        self.act(self.destination, "ask", referral, "--note", asked)
        self.act(self.origin, "answer", referral, "--note", self.origin.write("a.txt", "Hier."))
        self.merge(self.destination)
        self.act(self.heir, "ask", referral, "--note", self.heir.write("b.txt", "Vaccins ?"))
        shown, told = self.show_open(self.heir, referral)
        self.assertNotIn(OFFER, shown)
        self.assertIn("Vaccins ?", shown)
        self.assertEqual(shown.count("(sealed for others than this CPTS"), 2)
        self.assertIn(f"they are sealed for {self.destination.cpts_id}, whose place", told)
        self.assertIn(f"{self.origin.cpts_id} can seal them again: "
                      f"cptsctl referral rewrap {referral}", told)
        opened = self.done(self.heir.refer("show", referral, "--open", "--json"))
        self.assertEqual(opened["unopened"], {"sealedFor": self.destination.cpts_id,
                                              "rewrapBy": self.origin.cpts_id})
        self.assertEqual([one.get("unopened", False) for one in opened["notes"]],
                         [True, True, False])
        self.assertEqual(self.rewrap_mark(self.origin, "outbox", referral), "destination")
        self.assertIn("INFO_REQUESTED", self.fine(self.origin.refer("show", referral)))
        self.assertIn(", TO_REWRAP", self.fine(self.origin.refer("show", referral)))
        self.fine(self.origin.refer("rewrap", referral))
        self.assertEqual(self.rewrap_mark(self.origin, "outbox", referral), "")
        shown, told = self.show_open(self.heir, referral)
        self.assertIn(OFFER, shown)
        self.assertNotIn(CONTENT, shown)
        self.act(self.heir, "accept", referral)
        self.assertIn(CONTENT, self.show_open(self.heir, referral)[0])

    def test_origin__that_merged_opens_what_the_custodian_seals_again(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        self.merge(self.origin)
        shown, told = self.show_open(self.heir, referral)
        self.assertNotIn(OFFER, shown)
        self.assertIn("TO_REWRAP", shown)
        self.assertIn(f"{self.destination.cpts_id} can seal them again", told)
        self.assertEqual(self.rewrap_mark(self.heir, "outbox", referral), "origin")
        self.assertEqual(self.rewrap_mark(self.destination, "inbox", referral), "origin")
        self.fine(self.destination.refer("rewrap", referral))
        shown = self.show_open(self.heir, referral)[0]
        self.assertIn(OFFER, shown)
        self.assertIn(CONTENT, shown)
        self.assertNotIn("TO_REWRAP", shown)
        self.act(self.destination, "decline", referral, "--reason", "CAPACITY")
        self.act(self.heir, "reassign", referral, "--to", self.third.cpts_id)
        self.act(self.third, "accept", referral)
        self.assertIn(CONTENT, self.show_open(self.third, referral)[0])

    def test_origin__that_merged_before_anybody_accepted_needs_the_former_keys(self):
        referral = self.submitted()
        former = ("--former-store", self.origin.path("own.keys"), "--former-passphrase-file",
                  self.origin.path("passphrase"))
        self.merge(self.origin)
        told = self.show_open(self.heir, referral)[1]
        self.assertNotIn("can seal them again", told)
        self.assertIn(f"with the keys of {self.origin.cpts_id}: cptsctl referral rewrap", told)
        self.refused(self.destination.refer("rewrap", referral), "CONTENT_NOT_FOR_PARTY", 4)
        self.fine(self.heir.refer("rewrap", referral, *former))
        self.assertIn(CONTENT, self.show_open(self.heir, referral)[0])

    def test_origin__that_merged_twice_opens_with_the_keys_in_between(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        self.merge(self.origin)
        self.fine(self.destination.refer("rewrap", referral))
        between, self.heir = self.heir, desks(self.node, self.operator,
                                              f"derniere-{next(self.MADE)}")[0]
        self.merge(between)
        shown, told = self.show_open(self.heir, referral)
        self.assertIn("TO_REWRAP", shown)
        self.assertIn(f"sealed for {between.cpts_id}, whose place", told)
        self.fine(self.heir.refer("rewrap", referral, "--former-store", between.path("own.keys"),
                                  "--former-passphrase-file", between.path("passphrase")))
        self.assertIn(CONTENT, self.show_open(self.heir, referral)[0])

    def test_destination__that_merged_has_the_former_keys(self):
        referral = self.submitted()
        self.act(self.destination, "accept", referral)
        self.merge(self.destination)
        self.fine(self.heir.refer("rewrap", referral, "--former-store",
                                  self.destination.path("own.keys"), "--former-passphrase-file",
                                  self.destination.path("passphrase")))
        self.assertIn(CONTENT, self.show_open(self.heir, referral)[0])

    def test_decline__of_what_nobody_there_could_read_counts_for_nobody(self):
        referral = self.submitted()
        self.merge(self.destination)
        self.act(self.heir, "decline", referral, "--reason", "CAPACITY")
        self.act(self.origin, "reassign", referral, "--to", self.heir.cpts_id)
        self.assertIn(OFFER, self.show_open(self.heir, referral)[0])
        self.act(self.heir, "decline", referral, "--reason", "CAPACITY")
        self.refused(self.origin.refer("reassign", referral, "--to", self.heir.cpts_id),
                     "REDIRECT_CYCLE", 7)

    def test_decline__of_what_was_sealed_again_counts(self):
        referral = self.submitted()
        self.merge(self.destination)
        self.fine(self.origin.refer("rewrap", referral))
        self.act(self.heir, "decline", referral, "--reason", "CAPACITY")
        self.refused(self.origin.refer("reassign", referral, "--to", self.heir.cpts_id),
                     "REDIRECT_CYCLE", 7)

    def test_consent__shows_the_one_recorded_since(self):
        referral = self.submitted()
        self.assertNotIn("consent now", self.fine(self.origin.refer("show", referral)))
        self.act(self.origin, "consent", referral, "--consent-by", "TRUSTED_PERSON",
                 "--consent-on", "2026-11-20", "--consent-form", "ORAL", "--consent-scope", "suivi")
        self.assertRegex(self.fine(self.origin.refer("show", referral)),
                         "consent now +TRUSTED_PERSON, 2026-11-20, ORAL: suivi\n")
        shown = json.loads(self.fine(self.origin.refer("show", referral, "--json")))["referral"]
        self.assertEqual(shown["laterConsent"], {"givenBy": "TRUSTED_PERSON", "form": "ORAL",
                                                 "givenOn": "2026-11-20", "scope": "suivi"})


class Example(DeskTest):
    """The programs to copy from."""

    def example(self, desk, name, *words):
        done = subprocess.run(
            [os.path.join(BUILD, "example", f"example_{name}"), f"127.0.0.1:{self.node.port}",
             self.node.path("ca.pem"), self.node.path(f"{desk.name}.pem"),
             self.node.path(f"{desk.name}.key"), *words],
            capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        return self.fine(done)

    def test_example__refers_and_the_other_side_follows(self):
        kept = self.origin.path("kept.submit")
        referral, state = self.example(
            self.origin, "refer", self.node.path("root.pub"), self.origin.path("own.keys"),
            PASSPHRASE, COMMUNE, self.destination.cpts_id, kept).split()
        self.assertEqual(state, "DELIVERED")
        again = self.done(self.origin.refer("submit", "--again", kept, "--json"))
        self.assertTrue(again["replayed"])
        told = self.example(self.destination, "inbox")
        self.assertRegex(told, f"{referral} SUBMIT; next .*ACCEPT, DECLINE")


class Refused(DeskTest):
    """Bad input: said clearly, nothing stored."""

    def test_vital__is_never_referred(self):
        words = self.origin.submit_words(self.destination)
        words[words.index("within-24h")] = "vital"
        before = self.node.fingerprint()
        result = self.origin.refer("submit", *words)
        self.refused(result, "VITAL_URGENCY", 7)
        self.assertIn("15 or 112", result.stderr)
        self.assertEqual(self.node.fingerprint(), before)

    def test_basis_and_consent__are_required(self):
        words = self.origin.submit_words(self.destination)
        at = words.index("--legal-basis")
        self.refused(self.origin.refer("submit", *words[:at], *words[at + 2:]),
                     "LEGAL_BASIS_REQUIRED", 7)
        words[at + 1] = "partage"
        self.refused(self.origin.refer("submit", *words), "CONSENT_REQUIRED", 7)

    def test_content__too_large_is_refused_here(self):
        large = self.origin.write("large.txt", "x" * 262_072)
        words = self.origin.submit_words(self.destination, content=large)
        result = self.origin.refer("submit", *words)
        self.assertIn("CONTENT_TOO_LARGE", result.stderr)
        self.assertEqual(result.returncode, 1)

    def test_recipient__without_a_key_or_unknown(self):
        other = self.operator.create(name="sans clé", lead_region="11", territory=[]).id
        words = self.origin.submit_words()
        self.refused(self.origin.refer("submit", *words, "--to", other), "KEY_NOT_PUBLISHED", 3)

    def test_illegal__tells_state_version_and_what_is_allowed(self):
        referral = self.submitted()
        before = self.node.fingerprint()
        result = self.destination.refer("report", referral, "--reason", "NO_REPORT_IN_DMP")
        self.refused(result, "ILLEGAL_REFERRAL_ACT", 7)
        self.assertRegex(result.stderr, r"detail: DELIVERED \d+ ASK_INFO,ACCEPT,DECLINE,REDIRECT")
        self.refused(self.origin.refer("accept", referral), "WRONG_PARTY", 4)
        self.assertEqual(self.node.fingerprint(), before)

    def test_reason__required_and_known(self):
        referral = self.submitted()
        self.refused(self.destination.refer("decline", referral), "REFUSAL_REASON_REQUIRED", 1)
        self.refused(self.destination.refer("decline", referral, "--reason", "BECAUSE"),
                     "UNKNOWN_REFUSAL_REASON", 1)

    def test_actor__must_be_stated(self):
        profile = write_profile(self.node, "origine/nobody.ini", ca="../ca.pem",
                                certificate="../origine.pem", key="../origine.key")
        result = self.origin.run("referral", "inbox")
        self.fine(result)
        self.origin.profile, kept = profile, self.origin.profile
        try:
            result = self.origin.refer("inbox")
            self.assertEqual(result.returncode, 2)
            self.assertIn("on whose behalf?", result.stderr)
            self.refused(self.origin.refer("inbox", "--rpps", "10000000000", "--as", "INFIRMIER"),
                         "ACTOR_INVALID", 1)
        finally:
            self.origin.profile = kept

    def test_repeated__is_the_same_submission(self):
        referral = self.submitted()
        kept = self.origin.path(f"sent/{referral}.submit")
        again = self.done(self.origin.refer("submit", "--again", kept, "--json"))
        self.assertEqual((again["id"], again["replayed"]), (referral, True))
        command = ("--command-id", "0193f1a2-0000-7000-8000-000000000001", "--version", "1")
        note = self.destination.write("question.txt", "Depuis quand ?")
        asked = self.done(self.destination.refer("ask", referral, "--note", note, "--json",
                                                 *command))
        repeated = self.done(self.destination.refer("ask", referral, "--note", note, "--json",
                                                    *command))
        self.assertEqual((repeated["version"], repeated["replayed"]), (asked["version"], True))

    def test_sealed__nothing_of_the_texts_is_on_the_node(self):
        self.submitted()
        rows = self.node.database.value(
            "SELECT string_agg(encode(content, 'hex'), '') FROM cpts.referral_content")
        self.assertNotIn("SYNTH".encode().hex(), rows)

    def test_words__wrong_ones_are_told(self):
        self.assertEqual(self.origin.refer("accept", "nonsense").returncode, 2)
        self.assertEqual(self.origin.refer("submit", "--use-case", "snp").returncode, 2)
        referral = self.submitted()
        self.assertEqual(self.destination.refer("schedule", referral).returncode, 7)
        self.assertEqual(self.origin.refer("erase", referral, "--why", "boredom").returncode, 2)


if __name__ == "__main__":
    psql.main()
