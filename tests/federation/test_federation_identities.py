# SPDX-License-Identifier: Apache-2.0
"""Who enrolled at the national node works at the region's with the same certificate;
revocations count at both."""
import os
import unittest
import uuid

import reach  # noqa: F401
import fleet as fleets
from cpts.v1 import federation_pb2, federation_pb2_grpc
from daemon import run, wait_until
from node import Client, outcome
from psql import main
from test_federation_enrolled import CALL_TIMEOUT_S, NATIONAL, REGION, At, Case, cptsctl

KNOWN = "known_hash"
REVOKED_MAX = 500


class AsNode(At):
    """The national node, for who has the files of the region's node."""

    def __init__(self, national, region):
        super().__init__(national)
        self.region = region

    def read(self, name):
        with open(self.region.path(name), "rb") as file:
            return file.read()


def revoked(serial="0A1B", **fields):
    return federation_pb2.RevokedCertificate(serial=serial, **fields)


class Identities(Case):
    """A coordinator who enrolled at the national node before the region had one of its own."""

    def before_join(self):
        client = self.client(self.national, NATIONAL)
        self.cpts_id = client.create(lead_region=REGION).id
        self.foreign_id = client.create(lead_region="52").id
        self.coordinator = self.enrol("coordinator", self.cpts_id)

    def client(self, member, certificate):
        client = Client(At(member), certificate)
        self.addCleanup(client.close)
        return client

    def enrol(self, name, cpts_id):
        """Names a coordinator, who enrols; the serial number of the certificate."""
        token = cptsctl("enrolment", "create", f"user/{uuid.uuid4()}", "--role",
                        "CPTS_COORDINATOR", "--scope", f"cpts:{cpts_id}", "--quiet", "--profile",
                        self.national.profile())
        stem = os.path.join(self.national.pki, name)
        cptsctl("enroll", "--token", "-", "--address", self.national.enrolment_address,
                "--profile", f"{stem}.ini", data=token)
        return run("openssl", "x509", "-in", f"{stem}.pem", "-noout",
                   "-serial").strip().partition("=")[2]

    def works(self, member, name="coordinator"):
        """What a change of the CPTS by that coordinator answers there."""
        client = self.client(member, name)
        version = int(member.database.value(
            f"SELECT version FROM cpts.cpts WHERE cpts_id = '{self.cpts_id}';"))
        return outcome(client.update, id=self.cpts_id, expected_version=version,
                       name=f"CPTS de {name} {version}", update_mask={"paths": ["name"]})

    def wait_for(self, wanted, member, name="coordinator"):
        try:
            wait_until(lambda: self.works(member, name) == wanted, f"{wanted} for {name}",
                       40)
        except AssertionError as failure:
            self.fail(f"{failure}: {self.works(member, name)}\n{member.log()[-3000:]}")

    def revoke(self, member, serial):
        member.database.file("sql/admin/certificate_revoke.sql", serial=serial, principal="",
                             reason="perdu")

    def test_identities__a_coordinators_certificate_works_at_both_nodes(self):
        self.wait_for("OK", self.region)
        self.assertEqual(self.works(self.national), "FAILED_PRECONDITION/NOT_OWNER")
        told = self.region.database.query("SELECT role, scope FROM cpts.told_role;")
        self.assertEqual(told, [["CPTS_COORDINATOR", f"cpts:{self.cpts_id}"]])
        self.assertEqual(self.alarms(self.region), [])

    def test_identities__who_comes_later_enrols_at_the_national_node(self):
        self.wait_for("OK", self.region)
        self.enrol("second", self.cpts_id)
        self.wait_for("OK", self.region, "second")
        self.enrol("stranger", self.foreign_id)
        self.assertEqual(self.works(self.region, "stranger"), "PERMISSION_DENIED/UNKNOWN_IDENTITY")

    def test_identities__revocations_go_both_ways(self):
        second = self.enrol("second", self.cpts_id)
        self.wait_for("OK", self.region)
        self.wait_for("OK", self.region, "second")
        self.revoke(self.national, self.coordinator)
        self.wait_for("UNAUTHENTICATED/CERTIFICATE_REVOKED", self.region)
        self.revoke(self.region, second)
        self.wait_for("UNAUTHENTICATED/CERTIFICATE_REVOKED", self.national, "second")

    def test_identities__of_others_a_region_revokes_nothing(self):
        foreign = self.enrol("stranger", self.foreign_id)
        self.wait_for("OK", self.region)
        self.revoke(self.region, foreign)
        wait_until(lambda: self.alarms(self.national) == ["REVOCATION_REFUSED"], "an alarm")
        self.assertEqual(self.national.database.value(
            "SELECT count(*) FROM cpts.certificate_revocation;"), "0")

    def exchange(self, client, **fields):
        """What that answers."""
        stub = federation_pb2_grpc.FederationServiceStub(client.channel)
        return outcome(stub.ExchangeIdentities,
                       federation_pb2.ExchangeIdentitiesRequest(**fields), timeout=CALL_TIMEOUT_S)

    def test_identities__what_is_not_well_told_is_refused_and_nothing_is_stored(self):
        client = Client(AsNode(self.national, self.region), "node", ca="node-ca")
        self.addCleanup(client.close)
        for fields in ({KNOWN: b"short"}, {KNOWN: b"x" * 33},
                       {"revoked": [revoked()] * (REVOKED_MAX + 1)},
                       *({"revoked": [revoked(), bad]} for bad in (
                           revoked(serial=""), revoked(serial="A"), revoked(serial="0a1b"),
                           revoked(serial="A" * 65), revoked(principal="s" * 2000),
                           revoked(reason="r" * 201)))):
            with self.subTest(str(fields)[:60]):
                self.assertEqual(self.exchange(client, **fields), "INVALID_ARGUMENT/FIELD_INVALID")
        stranger = self.client(self.national, NATIONAL)
        self.assertEqual(self.exchange(stranger, revoked=[revoked()]),
                         "PERMISSION_DENIED/ROLE_NOT_ALLOWED")
        self.assertEqual(self.national.database.value(
            "SELECT count(*) FROM cpts.certificate_revocation;"), "0")
        self.assertEqual(self.alarms(self.national), [])
        self.assertEqual(self.exchange(client, known_hash=b"x" * 32), "OK")

    def test_identities__a_role_that_ends_ends_at_both(self):
        self.wait_for("OK", self.region)
        self.national.database.query(
            "DELETE FROM cpts.principal_role WHERE role = 'CPTS_COORDINATOR';")
        self.wait_for("PERMISSION_DENIED/UNKNOWN_IDENTITY", self.region)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
