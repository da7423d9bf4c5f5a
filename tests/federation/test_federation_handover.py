# SPDX-License-Identifier: Apache-2.0
"""A region's records go to its node when it is enrolled, come back when it is suspended,
and go again when it is resumed; with the network cut and each side killed on the way.
There is one owner at any time, and in the end everybody agrees who."""
import unittest
import uuid

import reach  # noqa: F401
import fleet as fleets
import referrals
from daemon import run
from fleet import NATIONAL
from node import (TRUST_DOMAIN, Client, federation_desk_pb2, federation_desk_pb2_grpc, outcome,
                  registry_pb2, registry_pb2_grpc)
from psql import main
from test_federation_pair import At
from traffic import Traffic
from voyage import Voyage, wait_until

REGION = "11"
OTHER = "52"
NODE = f"region/{REGION}"
AGENT = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=81)}"
OWNER = "SELECT owner_node FROM cpts.cpts WHERE cpts_id = '{}';"
BINARY = "cptsd_failpoints"
BEFORE = 40
POINTS = ("ownership/before_step", "ownership/after_step")
OWNERS = """SELECT owner_node, count(*) FROM cpts.cpts WHERE lead_region = '11'
    GROUP BY 1 ORDER BY 1;"""
LAST = """SELECT DISTINCT ON (aggregate_id) kind FROM cpts.change_log
    WHERE lead_region = '11' AND kind LIKE 'OWNERSHIP_%'
    ORDER BY aggregate_id, version DESC;"""
CALL_TIMEOUT_S = 30


class HandOver(Voyage):
    # What a suspended node wrote comes too late, and is for people.
    expected_alarms = frozenset({"EPOCH_STALE"})

    def setUp(self):
        super().setUp()
        binaries = {NATIONAL: BINARY, NODE: BINARY}
        self.fleet = self.enterContext(fleets.sailing(
            seed=self.seed, regions=(REGION,), binaries=binaries))
        self.traffic = Traffic(self.fleet)
        self.traffic.served = (REGION,)
        self.national, self.region = self.fleet.national, self.fleet.regions[REGION]

    def serve(self):
        """The national node serves the region for a while."""
        self.national.start()
        with self.traffic.running(self.national):
            self.wait_for_commands(BEFORE)

    def enrol(self):
        self.fleet.enrol(REGION)
        self.region.start()

    def owners(self, member):
        return dict(member.database.query(OWNERS))

    def wait_owned(self, node, meanwhile=lambda: None):
        """Every CPTS of the region is that node's, at both, and the last step was taken."""
        def is_so():
            meanwhile()
            return all(list(self.owners(member)) == [node] for member in self.fleet.members) \
                and {row[0] for row in self.national.database.query(LAST)} == {"OWNERSHIP_TAKEN"}
        try:
            wait_until(is_so, f"owner {node}", self.converge_timeout_s)
        except AssertionError as failure:
            self.fail(f"{failure}: {[self.owners(one) for one in self.fleet.members]}\n"
                      f"{self.parked()}\n{self.fleet.logs()}")

    def desk(self, rpc, **fields):
        with self.national.channel(NATIONAL) as channel:
            stub = federation_desk_pb2_grpc.FederationDeskServiceStub(channel)
            return getattr(stub, rpc)(getattr(federation_desk_pb2, f"{rpc}Request")(
                command_id=str(uuid.uuid4()), node=NODE, **fields), timeout=CALL_TIMEOUT_S)

    def write_outcome(self, member):
        """What a change of one of the region's CPTS answers there."""
        cpts_id, version = member.database.query(
            "SELECT cpts_id, version FROM cpts.cpts WHERE lead_region = '11' LIMIT 1;")[0]
        stub = registry_pb2_grpc.RegistryServiceStub(member.channel(member.certificate))
        return outcome(stub.UpdateCpts, registry_pb2.UpdateCptsRequest(
            command_id=str(uuid.uuid4()), id=cpts_id, expected_version=int(version),
            name="CPTS d'essai", update_mask={"paths": ["name"]}), timeout=CALL_TIMEOUT_S)

    def test_handover__region_owns_its_records_once_enrolled(self):
        self.serve()
        self.enrol()
        self.wait_owned(NODE)
        self.judge_voyage()
        self.assertEqual(self.write_outcome(self.national), "FAILED_PRECONDITION/NOT_OWNER")
        self.assertEqual(self.write_outcome(self.region), "OK")
        with self.traffic.running(self.region):
            self.wait_for_commands(BEFORE)
        self.judge_voyage()

    def test_handover__killed_and_cut_on_the_way(self):
        self.serve()
        deaths = [(member, point) for member in (self.national, self.region) for point in POINTS]
        self.rng.shuffle(deaths)
        self.enrol()
        for member, point in deaths:
            member.order(f"kill/{point} 1")
            self.fleet.proxies[REGION].cut()
            wait_until(lambda: member.has_ended() or self.is_done(), f"{member.node} at {point}",
                       self.converge_timeout_s)
            member.order()
            if member.has_ended():
                member.start()
        self.wait_owned(NODE, self.revive)
        self.judge_voyage()
        self.assertTrue(self.national.reached() & {f"kill/{point}" for point in POINTS})

    def revive(self):
        """Who met its point while the order was taken back."""
        for member in self.fleet.members:
            if member.has_ended():
                self.assertEqual(member.process.returncode, -9, member.log()[-2000:])
                member.start()

    def is_done(self):
        return list(self.owners(self.national)) == [NODE] == list(self.owners(self.region))

    def test_handover__suspended_and_resumed(self):
        self.serve()
        self.enrol()
        self.wait_owned(NODE)
        self.fleet.proxies[REGION].refuse()
        self.desk("SuspendNode", reason="Essai")
        wait_until(lambda: list(self.owners(self.national)) == [NATIONAL], "records taken back",
                   self.converge_timeout_s)
        self.assertEqual(self.write_outcome(self.national), "OK")
        self.fleet.proxies[REGION].accept()
        self.desk("ResumeNode")
        self.wait_owned(NODE)
        self.judge_voyage()
        self.assertEqual(self.write_outcome(self.region), "OK")


class Moved(unittest.TestCase):
    """Another region leads a CPTS: it goes there by way of the national node, and its referrals
    follow in the same hand-over."""

    def setUp(self):
        self.fleet = self.enterContext(fleets.sailing(regions=(REGION, OTHER)))
        self.national = self.fleet.national
        self.near, self.far = (self.fleet.regions[region] for region in (REGION, OTHER))
        run(fleets.CERTIFICATES, "leaf", self.national.pki, "ca", "agent", "2", f"URI:{AGENT}")
        self.near.database.file("sql/admin/principal_role_grant.sql", uri=AGENT, role="ARS_AGENT",
                                scope=f"region:{REGION}")
        self.fleet.join().start()
        self.moved, self.stays = (self.create(REGION) for _ in range(2))
        self.there = self.create(OTHER)
        for cpts_id in (self.moved, self.stays, self.there):
            for member in self.fleet.members:
                self.wait_for(lambda: member.database.query(OWNER.format(cpts_id)),
                              f"{cpts_id} at {member.node}")

    def client(self, member, certificate):
        client = Client(At(member), certificate)
        self.addCleanup(client.close)
        return client

    def create(self, region):
        return self.client(self.fleet.regions[region], f"region-{region}").create(
            lead_region=region).id

    def wait_for(self, condition, what):
        try:
            return wait_until(condition, what, fleets.CONVERGE_TIMEOUT_S)
        except AssertionError as failure:
            self.fail(f"{failure}\n{self.fleet.logs()}")

    def refer(self, member, destination):
        """A referral of the CPTS that will move, owned by that node."""
        return referrals.Referral(origin=self.moved, destination=destination, region=REGION,
                                  node=member.node).insert(member.database, across=True).id

    def owners(self, member):
        return dict(member.database.query("SELECT referral_id, owner_node FROM cpts.referral;"))

    def test_moved__its_referrals_follow(self):
        third = self.client(self.national, NATIONAL).create(lead_region="84").id
        for member in (self.near, self.far):
            self.wait_for(lambda: member.database.query(OWNER.format(third)), "the third")
        inside, across, outward = (self.refer(self.near, self.stays),
                                   self.refer(self.national, self.there),
                                   self.refer(self.national, third))
        for member, count in ((self.national, 3), (self.near, 3), (self.far, 1)):
            self.wait_for(lambda: len(self.owners(member)) == count, f"{count} at {member.node}")
        agent = self.client(self.near, "agent")
        self.wait_for(lambda: outcome(agent.list) == "OK", "the agent known")
        agent.walk("SetLeadRegion", id=self.moved, expected_version=1, new_region=OTHER,
                   reason="avenant")
        for member in self.fleet.members:
            self.wait_for(lambda: member.database.query(OWNER.format(self.moved))
                          == [[f"region/{OTHER}"]], f"the new owner at {member.node}")
        wanted = {inside: NATIONAL, across: f"region/{OTHER}", outward: NATIONAL}
        for member in self.fleet.members:
            self.wait_for(lambda: self.owners(member) == wanted, f"its referrals at {member.node}")
            self.assertEqual(member.database.query(
                "SELECT reason, detail FROM cpts.parked_aggregate;"), [])


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
