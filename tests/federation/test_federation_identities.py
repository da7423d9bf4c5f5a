# SPDX-License-Identifier: Apache-2.0
"""Who enrolled at the national node works at the region's with the same certificate;
revocations count at both."""
import os
import unittest
import uuid

import reach  # noqa: F401
import fleet as fleets
from daemon import run, wait_until
from node import Client, outcome
from psql import main
from test_federation_enrolled import NATIONAL, REGION, At, Case, cptsctl


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

    def test_identities__a_role_that_ends_ends_at_both(self):
        self.wait_for("OK", self.region)
        self.national.database.query(
            "DELETE FROM cpts.principal_role WHERE role = 'CPTS_COORDINATOR';")
        self.wait_for("PERMISSION_DENIED/UNKNOWN_IDENTITY", self.region)


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
