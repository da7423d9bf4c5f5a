# SPDX-License-Identifier: Apache-2.0
"""Whose referrals are: of the node of all who take part, else of the national one; they
change hands with the CPTS, go to the national node before they leave their region, and
are delivered once the other node has stored them."""
import unittest
import uuid

from node import OTHER_REGION, REGION, Node, psql, refusal
from referring import Case, houses
from test_e2e_federation_desk import certificate_request

NODE = f"region/{REGION}"
ADDRESS = "node.example:8443"
node = operator = first = second = foreign = None


def setUpModule():
    global node, operator, first, second, foreign
    node = Node()
    operator = node.client()
    first, second = houses(node, operator, "first", "second")
    foreign, = houses(node, operator, "foreign", region=OTHER_REGION)


def tearDownModule():
    if node is not None:
        node.stop()


def acknowledge():
    """The region's node has stored everything."""
    node.database.query(
        "INSERT INTO cpts.sync_cursor (peer, acknowledged_position, acknowledged_at)"
        f" VALUES ('{NODE}', cpts.log_head(), now()) ON CONFLICT (peer) DO UPDATE"
        " SET acknowledged_position = excluded.acknowledged_position;")


def owner(case):
    return node.database.value(
        f"SELECT owner_node FROM cpts.referral WHERE referral_id = '{case.id}';")


def owner_of(house):
    return node.database.value(
        f"SELECT owner_node FROM cpts.cpts WHERE cpts_id = '{house.cpts_id}';")


def state(case, house):
    return node.database.value("SELECT state FROM cpts.assignment"
                               f" WHERE assignment_id = '{case.attempt(house)}';")


def as_node(name, script):
    """Runs a script as the server of that node does, on this database."""
    return node.database.query(
        "BEGIN; SET LOCAL ROLE cpts_app; SELECT FROM set_config('app.scope', '*', true);"
        " SELECT FROM set_config('app.principal', 'x', true);"
        f" SELECT FROM cpts.log_begin('{name}');"
        f" {script} COMMIT;")


def steps_of(name):
    return as_node(name, "SELECT step, kind, node FROM"
                         f" cpts.ownership_find('{name}', 10, 0);")


class Owners(unittest.TestCase):
    """In one order."""

    @classmethod
    def setUpClass(cls):
        cls.inside = Case(first, [second])
        cls.inside.submit()
        cls.across = Case(first, [foreign])
        cls.across.submit()
        cls.waiting = Case(first, [second], candidates=[foreign])
        cls.waiting.submit()

    def test_ownership__1_follows_the_cpts_when_a_region_is_handed_over(self):
        token = operator.enrol("CreateEnrolment", identity=f"node/{NODE}", roles=["REGION_NODE"],
                               scope=f"region:{REGION}", node_address=ADDRESS, replaces=True).token
        node.client(None, port=node.enrolment_port).enrol(
            "Enroll", token=token, certificate_request=certificate_request(),
            checkpoint_key=bytes(32))
        acknowledge()
        node.wait_until(lambda: owner(self.inside) == NODE, "handed over")
        self.assertEqual((owner_of(first), owner_of(second), owner_of(foreign)),
                         (NODE, NODE, "national"))

    def test_ownership__2_stays_national_where_another_region_takes_part(self):
        self.assertEqual((owner(self.across), owner(self.waiting)), ("national", "national"))
        self.assertEqual(node.database.value("SELECT count(*) FROM cpts.ownership_due;"), "0")

    def test_ownership__3_a_new_one_inside_is_the_regions(self):
        case = Case(first, [second])
        said = refusal(case.submit)
        self.assertEqual((said.reason, said.detail), ("NOT_OWNER", f"{NODE} {ADDRESS}"))
        said = refusal(self.inside.act, "ACCEPT", second, second, 1)
        self.assertEqual((said.reason, said.detail), ("NOT_OWNER", f"{NODE} {ADDRESS}"))
        Case(first, [foreign]).submit()
        Case(first, [second], candidates=[foreign]).submit()

    def test_ownership__4_delivered_once_the_other_node_has_it(self):
        case = Case(foreign, [first])
        case.submit()
        self.assertEqual((owner(case), state(case, first)), ("national", "SUBMITTED"))
        acknowledge()
        node.wait_until(lambda: state(case, first) == "DELIVERED", "delivered")
        version = int(node.database.value(
            f"SELECT version FROM cpts.referral WHERE referral_id = '{case.id}';"))
        self.assertEqual(version, 2)
        self.assertEqual(node.database.query(
            f"SELECT kind FROM cpts.referral_clock WHERE referral_id = '{case.id}';"), [["DECIDE"]])

    def test_ownership__5_goes_to_the_national_node_before_it_leaves(self):
        """As the region's own server sees it."""
        leaves = (f"SELECT cpts.referral_leaves(cpts.referral_fact_find('{self.inside.id}', NULL),"
                  f" '{NODE}', ARRAY['%s'::uuid]);")
        self.assertEqual(node.database.value(leaves % second.cpts_id), "f")
        self.assertEqual(node.database.value("SELECT count(*) FROM cpts.ownership_due;"), "0")
        steps = steps_of(NODE)
        self.assertNotIn("RELEASE", [step for step, _, _ in steps])
        self.assertEqual({step for step, _, _ in steps}, {"CONFIRM"})
        node.pause()
        self.assertEqual(node.database.value(leaves % foreign.cpts_id), "t")
        self.assertIn(["RELEASE", "REFERRAL", "national"], steps_of(NODE))
        done = as_node(NODE, "SELECT cpts.ownership_step('x', gen_random_uuid(), sha256(''),"
                             f" '{self.inside.id}', '{NODE}', 'x', 'RELEASE', 'REFERRAL',"
                             " epoch::int, 'national') FROM cpts.referral"
                             f" WHERE referral_id = '{self.inside.id}';")
        self.assertEqual(done, [["OK"]])
        node.resume()
        self.assertEqual(owner(self.inside), "national")

    def test_ownership__6_confirmed_by_an_entry_of_the_new_owner(self):
        node.wait_until(lambda: node.database.query(
            "SELECT origin_node, kind FROM cpts.change_log"
            f" WHERE aggregate_id = '{self.inside.id}' ORDER BY local_position DESC LIMIT 1;")
            == [["national", "OWNERSHIP_TAKEN"]], "confirmed")
        self.assertEqual(owner(self.inside), "national")

    def test_ownership__7_comes_back_with_a_suspended_region(self):
        case = Case(foreign, [second])
        case.submit()
        operator.federate("SuspendNode", node=NODE, reason="essai")
        node.wait_until(lambda: owner_of(first) == owner_of(second) == "national", "taken back")
        node.wait_until(lambda: state(case, second) == "DELIVERED", "delivered nationally")
        Case(first, [second]).submit()

    def test_ownership__7b_goes_with_the_cpts_to_another_region(self):
        version = operator.get(first.cpts_id).version
        agent = node.client("agent")
        for fields, reason in (({"new_region": REGION}, "NOTHING_TO_CORRECT"),
                               ({"expected_version": version - 1}, "STALE_VERSION")):
            said = refusal(agent.walk, "SetLeadRegion", **{
                "id": first.cpts_id, "expected_version": version, "new_region": OTHER_REGION,
                "reason": "avenant", **fields})
            self.assertEqual(said.reason, reason)
        moved = agent.walk("SetLeadRegion", id=first.cpts_id, expected_version=version,
                           new_region=OTHER_REGION, reason="avenant")
        self.assertEqual(operator.get(first.cpts_id).lead_region, OTHER_REGION)
        self.assertEqual(node.database.query(
            "SELECT DISTINCT lead_region FROM cpts.cpts_stage"
            f" WHERE cpts_id = '{first.cpts_id}';"), [[OTHER_REGION]])
        said = refusal(agent.update, id=first.cpts_id, expected_version=moved.version, name="Non",
                       update_mask={"paths": ["name"]})
        self.assertEqual(said.reason, "OUT_OF_SCOPE")
        self.assertEqual(node.database.query(
            f"SELECT region FROM cpts.sync_scope WHERE aggregate_id = '{self.inside.id}';"),
            [[OTHER_REGION]])
        operator.walk("SetLeadRegion", id=first.cpts_id, expected_version=moved.version,
                      new_region=REGION, reason="retour")

    def test_ownership__8_a_step_that_is_late_changes_nothing(self):
        before = node.fingerprint()
        for step, kind, aggregate, epoch, other in (
                ("RELEASE", "CPTS", first.cpts_id, 3, NODE),
                ("TAKE", "CPTS", first.cpts_id, 2, NODE),
                ("CONFIRM", "CPTS", first.cpts_id, 1, "national"),
                ("RELEASE", "REFERRAL", str(uuid.uuid4()), 1, NODE),
                ("HAND_OVER", "NODE", str(uuid.uuid4()), 1, NODE)):
            with self.subTest(step=step, kind=kind):
                self.assertEqual(as_node("national",
                    "SELECT cpts.ownership_step('x', gen_random_uuid(), sha256(''),"
                    f" '{aggregate}', 'national', 'x', '{step}', '{kind}', {epoch}, '{other}');"),
                    [["NOTHING"]])
        self.assertEqual(node.fingerprint(), before)

    def test_ownership__9_nobody_but_the_node_itself(self):
        for scope in (f"region:{REGION}", f"cpts:{first.cpts_id}", "read", "public"):
            for call in ("cpts.ownership_find('national', 10, 0)",
                         "cpts.ownership_step('x', gen_random_uuid(), sha256(''),"
                         f" '{first.cpts_id}', 'national', 'x', 'RELEASE', 'CPTS', 3, '{NODE}')"):
                with self.subTest(scope=scope, call=call):
                    refused = node.database.refusal(
                        f"BEGIN; SET LOCAL ROLE cpts_app; SELECT FROM set_config('app.scope',"
                        f" '{scope}', true); SELECT FROM {call}; COMMIT;")
                    self.assertEqual(refused.sqlstate, "42501", refused)


if __name__ == "__main__":
    psql.main()
