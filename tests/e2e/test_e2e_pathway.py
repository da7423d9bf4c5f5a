# SPDX-License-Identifier: Apache-2.0
"""Pathways: templates, started ones, what their referrals make of them; whom they
are shown to, and every bad input. And `cptsctl pathway`."""
import json
import os
import unittest
import uuid

from node import OTHER_REGION, Node, change_pb2, command, outcome, pathway_pb2, psql
import referring
from referring import ACTOR, DESK, Case
from tool import cptsctl, write_profile

node = operator = desk = far_desk = None
origin = first = second = stranger = None
HOSPITAL = "750000001"


def setUpModule():
    global node, operator, desk, far_desk, origin, first, second, stranger
    node = Node()
    operator, desk, far_desk = node.client("operator"), node.client("agent"), None
    origin, first, second, stranger = referring.houses(node, operator, "origin", "first",
                                                       "second", "stranger")


def tearDownModule():
    if node is not None:
        for client in (operator, desk, origin.client, first.client, second.client,
                       stranger.client):
            client.close()
        node.stop()


def starting(house=None, **changes):
    return command({"actor": ACTOR, "pathway_id": referring.minted(),
                    "origin_id": (house or origin).cpts_id, "template": "INSUFFISANCE_CARDIAQUE",
                    "pseudonym": os.urandom(16), **changes})


def start(house=None, **changes):
    """Id of a new pathway."""
    return (house or origin).client.walk_on("StartPathway", **starting(house, **changes)).id


def get(client, pathway_id, actor=ACTOR):
    return client.walk_on("GetPathway", actor=actor, pathway_id=pathway_id).pathway


def states(pathway):
    """{code of the step: state}"""
    return {step.step.code: pathway_pb2.PathwayStepState.Name(step.state)[19:]
            for step in pathway.steps}


def status(pathway):
    return pathway_pb2.PathwayStatus.Name(pathway.status).removeprefix("PATHWAY_STATUS_")


def listed(client=None, actor=ACTOR, **fields):
    """Every page, two at a time."""
    found, token = [], ""
    while True:
        page = (client or origin.client).walk_on("ListPathways", actor=actor, page_size=2,
                                                 page_token=token, **fields)
        found += page.pathways
        token = page.next_page_token
        if not token:
            return found


def case_of(pathway_id, step, by=None, to=None, **changes):
    """A referral of a step, not yet submitted."""
    return Case(by or origin, [to or first], use_case="USE_CASE_PARCOURS",
                urgency="URGENCY_ROUTINE", pathway_id=pathway_id, pathway_step=step, **changes)


def fulfil(case, house=None):
    """The whole loop of a referral that was submitted."""
    house, version = house or first, 1
    for name, by, fields in (("ACCEPT", house, {}), ("START", house, {}),
                             ("REPORT", house, {"reason": "NO_REPORT_IN_DMP"}),
                             ("ACKNOWLEDGE", case.origin, {})):
        version = case.act(name, by, house, version, **fields).version
    return version


def refused(call, *arguments, **fields):
    """STATUS/REASON, and nothing changed."""
    before = node.fingerprint()
    said = outcome(call, *arguments, **fields)
    assert node.fingerprint() == before, said
    return said


class Templates(unittest.TestCase):
    def test_pathway__three_templates_with_source_and_confidence(self):
        found = operator.walk_on("ListPathwayTemplates").templates
        self.assertEqual([one.code for one in found],
                         ["INSUFFISANCE_CARDIAQUE", "RECHERCHE_MT", "SORTIE_HOPITAL"])
        for one in found:
            self.assertTrue(one.source and one.confidence and one.label and one.use)
            codes = [step.code for step in one.steps]
            for step in one.steps:
                self.assertLessEqual(set(step.previous), set(codes[:codes.index(step.code)]))
        self.assertEqual([one.requester_wanted for one in found], [False, False, True])

    def test_pathway__of_a_date(self):
        self.assertEqual(
            list(operator.walk_on("ListPathwayTemplates", as_of="2025-12-31").templates), [])
        self.assertEqual(outcome(operator.walk_on, "ListPathwayTemplates", as_of="x"),
                         "INVALID_ARGUMENT/FIELD_INVALID")

    def test_pathway__a_started_one_keeps_its_version(self):
        pathway_id = start(template="RECHERCHE_MT")
        node.database.query(
            "INSERT INTO cpts.pathway_template SELECT template, 2, label, use, requester_wanted,"
            " '2026-02-01', source, confidence FROM cpts.pathway_template"
            " WHERE template = 'RECHERCHE_MT' AND version = 1;"
            "INSERT INTO cpts.pathway_template_step SELECT template, 2, 'AUTRE', 1, 'Autre',"
            " use_case, urgency, profession, speciality, '{}', 0 FROM cpts.pathway_template_step"
            " WHERE template = 'RECHERCHE_MT' AND version = 1 AND rank = 1;")
        self.addCleanup(node.database.query,
                        "DELETE FROM cpts.pathway WHERE template_version = 2;"
                        "DELETE FROM cpts.pathway_template_step WHERE version = 2;"
                        "DELETE FROM cpts.pathway_template WHERE version = 2;")
        self.assertEqual(len(get(origin.client, pathway_id).steps), 3)
        self.assertEqual(list(states(get(origin.client, start(template="RECHERCHE_MT")))),
                         ["AUTRE"])
        older = start(template="RECHERCHE_MT", template_version=1)
        self.assertEqual(len(get(origin.client, older).steps), 3)

    def test_pathway__a_graph_with_a_fault_is_not_loaded(self):
        for change, said in (
                ("SET previous = '{SUIVI}' WHERE step = 'RECHERCHE'", "goes round"),
                ("SET previous = '{AILLEURS}' WHERE step = 'RECHERCHE'", "there is not")):
            with self.subTest(change=change):
                rows = node.database.query(
                    f"BEGIN; UPDATE cpts.pathway_template_step {change};"
                    "SELECT cpts.pathway_template_fault(); ROLLBACK;")
                self.assertIn(said, rows[0][0])


class Course(unittest.TestCase):
    def test_pathway__starts_with_the_steps_that_nothing_precedes(self):
        pathway = get(origin.client, start())
        self.assertEqual(status(pathway), "STARTED")
        self.assertEqual(states(pathway), {
            "CONSULTATION_MT": "PROPOSED", "SUIVI_INFIRMIER": "PROPOSED", "CARDIOLOGUE": "WAITING",
            "EDUCATION": "WAITING", "REEVALUATION": "WAITING"})
        self.assertEqual(pathway.proposed_count, 2)
        self.assertRegex(pathway.steps[0].proposed_on, r"^\d{4}-\d\d-\d\d$")
        self.assertEqual(pathway.steps[2].proposed_on, "")

    def test_pathway__the_next_step_is_proposed_when_the_previous_closes(self):
        pathway_id = start()
        case = case_of(pathway_id, "CONSULTATION_MT")
        case.submit()
        pathway = get(origin.client, pathway_id)
        self.assertEqual((status(pathway), states(pathway)["CONSULTATION_MT"]),
                         ("ACTIVE", "UNDER_WAY"))
        self.assertEqual([(one.referral_id, one.status) for one in pathway.steps[0].referrals],
                         [(case.id, 1)])
        self.assertEqual(states(pathway)["CARDIOLOGUE"], "WAITING")
        fulfil(case)
        pathway = get(origin.client, pathway_id)
        self.assertEqual(states(pathway), {
            "CONSULTATION_MT": "FULFILLED", "SUIVI_INFIRMIER": "PROPOSED",
            "CARDIOLOGUE": "PROPOSED", "EDUCATION": "WAITING", "REEVALUATION": "WAITING"})

    def test_pathway__all_fulfilled_is_completed(self):
        pathway_id = start(template="RECHERCHE_MT")
        for step, use_case in (("RECHERCHE", "USE_CASE_MEDECIN_TRAITANT"),
                               ("PREMIERE_CONSULTATION", "USE_CASE_PARCOURS"),
                               ("SUIVI", "USE_CASE_PARCOURS")):
            case = Case(origin, [first], use_case=use_case, urgency="URGENCY_ROUTINE",
                        pathway_id=pathway_id, pathway_step=step)
            case.submit()
            fulfil(case)
        pathway = get(origin.client, pathway_id)
        self.assertEqual((status(pathway), pathway.proposed_count), ("COMPLETED", 0))

    def test_pathway__an_abandoned_step_is_proposed_again(self):
        pathway_id = start()
        case = case_of(pathway_id, "CONSULTATION_MT")
        case.submit()
        case.act("DECLINE", first, first, 1, reason="CAPACITY")
        version = int(node.database.value("SELECT version FROM cpts.referral"
                                          f" WHERE referral_id = '{case.id}';"))
        self.assertEqual(states(get(origin.client, pathway_id))["CONSULTATION_MT"], "UNDER_WAY")
        origin.client.refer("ActOnReferral", **command({
            "referral_id": case.id, "event": referring.event("ABANDON"), "actor": ACTOR,
            "expected_version": version, "reason": "NEED_OVER"}))
        self.assertEqual(states(get(origin.client, pathway_id))["CONSULTATION_MT"], "PROPOSED")
        case_of(pathway_id, "CONSULTATION_MT").submit()
        self.assertEqual(len(get(origin.client, pathway_id).steps[0].referrals), 2)

    def test_pathway__who_took_a_step_may_take_the_next(self):
        pathway_id = start()
        case = case_of(pathway_id, "CONSULTATION_MT")
        case.submit()
        fulfil(case)
        case_of(pathway_id, "CARDIOLOGUE", by=first, to=second).submit()
        self.assertEqual(states(get(second.client, pathway_id))["CARDIOLOGUE"], "UNDER_WAY")

    def test_pathway__a_hospital_asks_through_the_desk_of_its_cpts(self):
        pathway_id = start(template="SORTIE_HOPITAL", requester_finess=HOSPITAL)
        self.assertEqual(get(origin.client, pathway_id).requester_finess, HOSPITAL)

    def test_pathway__nothing_but_the_start_is_in_the_log_and_no_pseudonym(self):
        fields = starting()
        answer = origin.client.walk_on("StartPathway", **fields)
        rows = node.database.query("SELECT kind, encode(bytes, 'hex') FROM cpts.change_log WHERE"
                                   f" aggregate_id = '{answer.id}';")
        self.assertEqual([kind for kind, _ in rows], ["PATHWAY_STARTED"])
        self.assertNotIn(fields["pseudonym"].hex(), rows[0][1])
        change = change_pb2.Change.FromString(bytes.fromhex(rows[0][1]))
        self.assertEqual(change.on_behalf.rpps, ACTOR["rpps"])

    def test_pathway__a_command_is_carried_out_once(self):
        fields = starting()
        first_time = origin.client.walk_on("StartPathway", **fields)
        again = origin.client.walk_on("StartPathway", **fields)
        self.assertTrue(again.replayed)
        self.assertEqual((again.id, again.template_version), (first_time.id, 1))
        self.assertEqual(refused(origin.client.walk_on, "StartPathway",
                                 **{**fields, "template": "RECHERCHE_MT"}),
                         "ALREADY_EXISTS/COMMAND_ID_REUSED")


class Steps(unittest.TestCase):
    """What a referral may say about its pathway."""

    def test_pathway__steps_that_a_referral_cannot_be(self):
        pathway_id = start()
        case_of(pathway_id, "CONSULTATION_MT").submit()
        for case, said in (
                (case_of(referring.minted(), "CONSULTATION_MT"), "NOT_FOUND/PATHWAY_NOT_FOUND"),
                (case_of(pathway_id, "AILLEURS"), "NOT_FOUND/UNKNOWN_PATHWAY_STEP"),
                (case_of(pathway_id, "CONSULTATION_MT"), "FAILED_PRECONDITION/PATHWAY_STEP_TAKEN"),
                (case_of(pathway_id, "EDUCATION"), "FAILED_PRECONDITION/PATHWAY_STEP_WAITS"),
                (Case(origin, [first], pathway_id=pathway_id, pathway_step="SUIVI_INFIRMIER"),
                 "FAILED_PRECONDITION/PATHWAY_STEP_DIFFERS"),
                (case_of(pathway_id, "SUIVI_INFIRMIER", by=stranger),
                 "NOT_FOUND/PATHWAY_NOT_FOUND")):
            with self.subTest(said=said):
                self.assertEqual(refused(case.submit), said)


class Sight(unittest.TestCase):
    def test_pathway__its_parties_and_its_desk_see_it_and_nobody_else(self):
        fields = starting()
        pathway_id = origin.client.walk_on("StartPathway", **fields).id
        self.assertEqual(outcome(get, first.client, pathway_id), "NOT_FOUND/PATHWAY_NOT_FOUND")
        case = case_of(pathway_id, "CONSULTATION_MT")
        case.submit()
        case_of(pathway_id, "SUIVI_INFIRMIER", to=second).submit()
        self.assertEqual(get(origin.client, pathway_id).pseudonym, fields["pseudonym"])
        case.act("ACCEPT", first, first, 1)
        seen = get(first.client, pathway_id)
        self.assertEqual(seen.pseudonym, fields["pseudonym"])
        self.assertEqual(states(seen)["SUIVI_INFIRMIER"], "UNDER_WAY")
        self.assertEqual([len(step.referrals) for step in seen.steps[:2]], [1, 0])
        seen = get(desk, pathway_id, DESK)
        self.assertEqual((seen.pseudonym, len(seen.steps[0].referrals)), (b"", 1))
        self.assertEqual(outcome(get, stranger.client, pathway_id),
                         "NOT_FOUND/PATHWAY_NOT_FOUND")
        self.assertEqual(outcome(get, operator, pathway_id), "PERMISSION_DENIED/ROLE_NOT_ALLOWED")

    def test_pathway__who_is_only_asked_sees_its_step_until_it_declines(self):
        pathway_id = start()
        case = case_of(pathway_id, "CONSULTATION_MT")
        case.submit()
        seen = get(first.client, pathway_id)
        self.assertEqual((seen.pseudonym, states(seen)), (b"", {"CONSULTATION_MT": "UNDER_WAY"}))
        forged = case_of(pathway_id, "SUIVI_INFIRMIER", by=first, to=second)
        self.assertEqual(refused(forged.submit), "NOT_FOUND/PATHWAY_NOT_FOUND")
        version = case.act("DECLINE", first, first, 1, reason="CAPACITY").version
        self.assertEqual(outcome(get, first.client, pathway_id), "NOT_FOUND/PATHWAY_NOT_FOUND")
        self.assertEqual(refused(forged.submit), "NOT_FOUND/PATHWAY_NOT_FOUND")
        origin.client.refer("ActOnReferral", **command({
            "referral_id": case.id, "event": referring.event("ABANDON"), "actor": ACTOR,
            "expected_version": version, "reason": "NEED_OVER"}))
        forged = case_of(pathway_id, "CONSULTATION_MT", by=first, to=second)
        self.assertEqual(refused(forged.submit), "NOT_FOUND/PATHWAY_NOT_FOUND")
        case_of(pathway_id, "CONSULTATION_MT").submit()

    def test_pathway__the_tables_hold_the_same_wall(self):
        pathway_id = start()
        for scope, count in ((f"cpts:{origin.cpts_id}", "1"), (f"cpts:{stranger.cpts_id}", "0"),
                             (f"region:{OTHER_REGION}", "0"), ("read", "0"), ("", "0")):
            with self.subTest(scope=scope):
                rows = node.database.query(
                    f"SET ROLE cpts_app; SELECT set_config('app.scope', '{scope}', false);"
                    f"SELECT count(*) FROM cpts.pathway WHERE pathway_id = '{pathway_id}';"
                    f"SELECT count(*) > 0 FROM cpts.pathway_steps('{pathway_id}');")
                self.assertEqual(rows[-2:], [[count], ["t" if count == "1" else "f"]])
        with self.assertRaises(psql.SqlError) as caught:
            node.database.query("SET ROLE cpts_app; SELECT set_config('app.scope', '*', false);"
                                "DELETE FROM cpts.pathway;")
        self.assertEqual(caught.exception.sqlstate, "42501")

    def test_pathway__every_read_leaves_a_trace(self):
        pathway_id = start()
        get(origin.client, pathway_id)
        listed()
        rows = node.database.query(
            "SELECT method, rpps, purpose, item_count FROM cpts.audit_read"
            f" WHERE scope = 'cpts:{origin.cpts_id}' ORDER BY entry_id;")
        self.assertIn(["GetPathway", ACTOR["rpps"], "CARE", "1"], rows)
        self.assertEqual(rows[-1][0], "ListPathways")
        outcome(get, stranger.client, pathway_id)
        self.assertEqual(node.database.query(
            "SELECT method, item_count FROM cpts.audit_read"
            f" WHERE scope = 'cpts:{stranger.cpts_id}' ORDER BY entry_id DESC LIMIT 1;"),
            [["GetPathway", "0"]])


class Ends(unittest.TestCase):
    """Erasure of referrals, and the end of an origin."""

    @staticmethod
    def erase(case, version):
        case.origin.client.refer("EraseReferral", **command({
            "referral_id": case.id, "expected_version": version, "actor": ACTOR,
            "reason": "ERASURE_REASON_PATIENT_REQUEST"}))

    def test_pathway__an_erased_step_stays_fulfilled_and_the_last_takes_the_pseudonym(self):
        fields = starting()
        pathway_id = origin.client.walk_on("StartPathway", **fields).id
        made = []
        for step in ("CONSULTATION_MT", "SUIVI_INFIRMIER"):
            case = case_of(pathway_id, step)
            case.submit()
            made.append((case, fulfil(case)))
        before = states(get(origin.client, pathway_id))
        self.assertEqual(before["CONSULTATION_MT"], "FULFILLED")
        self.erase(*made[0])
        seen = get(origin.client, pathway_id)
        self.assertEqual((states(seen), seen.pseudonym), (before, fields["pseudonym"]))
        self.erase(*made[1])
        seen = get(origin.client, pathway_id)
        self.assertEqual((states(seen), seen.pseudonym), (before, b""))
        self.assertEqual(get(first.client, pathway_id).pseudonym, b"")
        self.assertEqual({one.pseudonym for one in listed() if one.id == pathway_id}, {b""})

    def test_pathway__a_successor_has_the_pathways_of_a_merged_origin(self):
        ended, successor = referring.houses(node, operator, "ended", "successor")
        self.addCleanup(ended.client.close)
        self.addCleanup(successor.client.close)
        pathway_id = start(ended)
        case_of(pathway_id, "CONSULTATION_MT", by=ended).submit()
        operator.walk("MergeCpts", id=ended.cpts_id, effective_on="2024-01-01",
                      expected_version=operator.get(ended.cpts_id).version,
                      successor_id=successor.cpts_id,
                      successor_version=operator.get(successor.cpts_id).version)
        self.assertEqual([one.id for one in listed(successor.client)], [pathway_id])
        self.assertEqual(get(successor.client, pathway_id).origin_id, successor.cpts_id)
        self.assertEqual(listed(ended.client), [])
        self.assertEqual(outcome(get, ended.client, pathway_id), "NOT_FOUND/PATHWAY_NOT_FOUND")
        case_of(pathway_id, "SUIVI_INFIRMIER", by=successor).submit()


class Lists(unittest.TestCase):
    def test_pathway__pages_are_stable_and_filters_hold(self):
        made = [start(template="RECHERCHE_MT") for _ in range(3)]
        found = listed()
        ids = [one.id for one in found]
        self.assertEqual(ids, sorted(ids))
        self.assertLessEqual(set(made), set(ids))
        self.assertEqual([len(one.steps) for one in found], [0] * len(found))
        self.assertEqual({one.template for one in listed(template="RECHERCHE_MT")},
                         {"RECHERCHE_MT"})
        case = Case(origin, [first], use_case="USE_CASE_MEDECIN_TRAITANT",
                    urgency="URGENCY_ROUTINE", pathway_id=made[0], pathway_step="RECHERCHE")
        case.submit()
        proposed = {one.id for one in listed(proposed_only=True)}
        self.assertNotIn(made[0], proposed)
        self.assertIn(made[1], proposed)
        self.assertLessEqual(set(made), {one.id for one in listed(desk, DESK)})
        self.assertEqual({one.pseudonym for one in listed(desk, DESK)}, {b""})
        self.assertEqual([one.id for one in listed(first.client) if one.id in made], [])

    def test_pathway__bad_listings(self):
        token = origin.client.walk_on("ListPathways", actor=ACTOR, page_size=1).next_page_token
        for fields, said in (({"page_size": 501}, "FIELD_INVALID"),
                             ({"page_token": "x"}, "PAGE_TOKEN_INVALID"),
                             ({"page_token": token, "proposed_only": True}, "PAGE_TOKEN_INVALID"),
                             ({"actor": None}, "ACTOR_INVALID")):
            with self.subTest(fields=fields):
                self.assertEqual(outcome(origin.client.walk_on, "ListPathways",
                                         **{"actor": ACTOR, **fields}), f"INVALID_ARGUMENT/{said}")


class BadStarts(unittest.TestCase):
    def test_pathway__bad_starts(self):
        taken = starting()
        origin.client.walk_on("StartPathway", **taken)
        invalid = "INVALID_ARGUMENT/FIELD_INVALID"
        for changes, said in (
                ({"actor": None}, "INVALID_ARGUMENT/ACTOR_INVALID"),
                ({"command_id": "x"}, invalid), ({"pathway_id": "x"}, invalid),
                ({"pathway_id": str(uuid.uuid4())}, invalid),
                ({"pathway_id": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"origin_id": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"origin_id": first.cpts_id}, "PERMISSION_DENIED/WRONG_PARTY"),
                ({"template": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"template": "X" * 41}, invalid),
                ({"template": "AILLEURS"}, "NOT_FOUND/UNKNOWN_PATHWAY_TEMPLATE"),
                ({"template_version": 9}, "NOT_FOUND/UNKNOWN_PATHWAY_TEMPLATE"),
                ({"template_version": -1}, invalid), ({"pseudonym": b""}, invalid),
                ({"pseudonym": bytes(16)}, invalid), ({"pseudonym": os.urandom(15)}, invalid),
                ({"requester_finess": "1"}, "INVALID_ARGUMENT/FINESS_INVALID"),
                ({"template": "SORTIE_HOPITAL"}, "INVALID_ARGUMENT/REQUESTER_REQUIRED"),
                ({"pathway_id": taken["pathway_id"]}, "ALREADY_EXISTS/ID_TAKEN"),
                ({"pseudonym": taken["pseudonym"]}, "ALREADY_EXISTS/ID_TAKEN")):
            with self.subTest(changes=changes):
                self.assertEqual(refused(origin.client.walk_on, "StartPathway",
                                         **starting(**changes)), said)

    def test_pathway__bad_reads(self):
        for fields, said in (({"pathway_id": "x"}, "INVALID_ARGUMENT/FIELD_INVALID"),
                             ({"pathway_id": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                             ({"pathway_id": str(uuid.uuid4())}, "NOT_FOUND/PATHWAY_NOT_FOUND"),
                             ({"pathway_id": str(uuid.uuid4()), "actor": {"rpps": "1"}},
                              "INVALID_ARGUMENT/ACTOR_INVALID")):
            with self.subTest(fields=fields):
                self.assertEqual(outcome(origin.client.walk_on, "GetPathway",
                                         **{"actor": ACTOR, **fields}), said)


class Tool(unittest.TestCase):
    def setUp(self):
        self.profile = write_profile(node, "origin.ini", certificate="origin.pem",
                                     key="origin.key", rpps=ACTOR["rpps"],
                                     profession=ACTOR["profession"])

    def test_pathway__from_templates_to_a_list(self):
        done = cptsctl(self.profile, "pathway", "templates", "--csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 13)
        done = cptsctl(self.profile, "pathway", "start", origin.cpts_id, "SORTIE_HOPITAL",
                       "--finess", HOSPITAL, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        pathway_id = done.stdout.strip()
        pseudonym = os.urandom(16)
        done = cptsctl(self.profile, "pathway", "start", origin.cpts_id, "RECHERCHE_MT",
                       "--pseudonym", pseudonym.hex(), "--quiet")
        self.assertEqual(get(origin.client, done.stdout.strip()).pseudonym, pseudonym)
        done = cptsctl(self.profile, "pathway", "show", pathway_id)
        self.assertIn("INFIRMIER_DOMICILE", done.stdout)
        self.assertIn("PROPOSED", done.stdout)
        shown = json.loads(cptsctl(self.profile, "pathway", "show", pathway_id, "--json").stdout)
        self.assertEqual(len(shown["pathway"]["steps"]), 4)
        done = cptsctl(self.profile, "pathway", "list", "--proposed", "--plain")
        self.assertIn(pathway_id, done.stdout)
        found = json.loads(cptsctl(self.profile, "pathway", "list", "--json").stdout)
        self.assertIn(pathway_id, [one["id"] for one in found["pathways"]])

    def test_pathway__words_that_cannot_be_meant(self):
        for words in (("start", "x", "RECHERCHE_MT"),
                      ("start", origin.cpts_id, "RECHERCHE_MT", "--pseudonym", "0"),
                      ("start", origin.cpts_id, "RECHERCHE_MT", "--template-version", "0"),
                      ("show", "x"), ("templates", "--as-of", "x")):
            with self.subTest(words=words):
                self.assertEqual(cptsctl(self.profile, "pathway", *words).returncode, 2)
        done = cptsctl(self.profile, "pathway", "show", str(uuid.uuid4()))
        self.assertEqual(done.returncode, 3)
        self.assertIn("PATHWAY_NOT_FOUND", done.stderr)


if __name__ == "__main__":
    psql.main()
