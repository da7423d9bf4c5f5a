# SPDX-License-Identifier: Apache-2.0
"""Enrolment of an identity that somebody has, and what is looked at again when the
token is used. Apart from the others: refused tokens count against an address."""
import unittest

from node import OTHER_REGION, REGION, Client, Node, outcome, psql
from test_e2e_enrolment import Key

node = operator = agent = None


def setUpModule():
    global node, operator, agent
    node = Node()
    operator, agent = node.client(), node.client("agent")


def tearDownModule():
    if node is not None:
        operator.close()
        agent.close()
        node.stop()


def create(**fields):
    return agent.enrol("CreateEnrolment", **fields)


def enroll(token):
    client = Client(node, None, port=node.enrolment_port)
    try:
        return client.enrol("Enroll", token=token, certificate_request=Key().request())
    finally:
        client.close()


def refused(call, *arguments, **fields):
    """STATUS/REASON, and nothing changed."""
    before = node.fingerprint()
    said = outcome(call, *arguments, **fields)
    assert node.fingerprint() == before, said
    return said


def coordinator():
    """A new CPTS and the fields of an enrolment that lets somebody be it."""
    cpts_id = operator.create(lead_region=REGION).id
    return cpts_id, {"identity": f"cpts/{cpts_id}", "roles": ["CPTS_COORDINATOR"],
                     "scope": f"cpts:{cpts_id}"}


class Held(unittest.TestCase):
    def test_held__nobody_comes_silently_as_somebody_who_is_there(self):
        _, fields = coordinator()
        first, second = (create(**fields) for _ in range(2))
        given = enroll(first.token).certificate
        held = "FAILED_PRECONDITION/IDENTITY_IS_HELD"
        self.assertEqual(refused(create, **fields), held)
        self.assertEqual(refused(enroll, second.token), held)
        self.assertEqual(node.database.query("SELECT serial FROM cpts.certificate_revocation;"),
                         [], "the one who is there stays: " + given.serial)

    def test_held__what_changed_since_is_looked_at_again(self):
        for change, said in (("stage = 'DISSOUS'", "CPTS_ENDED"),
                             (f"lead_region = '{OTHER_REGION}'", "OUT_OF_SCOPE")):
            with self.subTest(said=said):
                cpts_id, fields = coordinator()
                created = create(**fields)
                node.database.query(f"UPDATE cpts.cpts SET {change} WHERE cpts_id = '{cpts_id}';")
                self.assertEqual(refused(enroll, created.token).split("/")[1], said)


if __name__ == "__main__":
    psql.main()
