# SPDX-License-Identifier: Apache-2.0
"""A national node and one region: what changes at one is seen at the other, also after they
were apart; what the region does not own is handed on, for who asked."""
import os
import unittest
import uuid

import reach  # noqa: F401
import fleet
from daemon import run, wait_until
from node import (CALL_TIMEOUT_S, TRUST_DOMAIN, Client, command, creation, outcome, refusal,
                  territory_pb2)
from psql import main

REGION = "11"
NODE = f"region/{REGION}"
AGENT = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=77)}"
STRANGER = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=78)}"
CREATE = "/cpts.v1.RegistryService/CreateCpts"
OWNER = "SELECT owner_node || ' ' || version || ' ' || name FROM cpts.cpts WHERE cpts_id = '{}';"
ACTOR = "SELECT actor FROM cpts.change_log;"


class At:
    """What node.Client wants to know of a member."""

    def __init__(self, member):
        self.port, self.pki = member.port, member.pki

    def read(self, name):
        with open(os.path.join(self.pki, name), "rb") as file:
            return file.read()


class Pair(unittest.TestCase):
    def setUp(self):
        self.fleet = self.enterContext(fleet.sailing(regions=(REGION,)))
        self.national, self.region = self.fleet.national, self.fleet.regions[REGION]
        for name, uri in ("agent", AGENT), ("stranger", STRANGER):
            run(fleet.CERTIFICATES, "leaf", self.national.pki, "ca", name, "2", f"URI:{uri}")
        self.region.database.file("sql/admin/principal_role_grant.sql", uri=AGENT,
                                  role="ARS_AGENT", scope=f"region:{REGION}")

    def sail(self, owned=True):
        """The region's records are its own, or still the national node's."""
        if owned:
            self.fleet.join()
        else:
            self.national.know(self.region, "SERVED")
            self.national.grant(NODE, "REGION_NODE", f"region:{REGION}")
        self.fleet.start()

    def client(self, member, certificate):
        client = Client(At(member), certificate)
        self.addCleanup(client.close)
        return client

    def create(self, client, **fields):
        """Its id, once it is done."""
        return client.create(lead_region=REGION, **fields).id

    def cut_off(self):
        proxy = self.fleet.proxies[REGION]
        proxy.refuse()
        proxy.cut()

    def wait_equal(self, cpts_id):
        """Until both hold the same version of it."""
        def agree():
            found = [member.database.query(OWNER.format(cpts_id)) for member in self.fleet.members]
            return found[0] == found[1] and found[0]
        try:
            return wait_until(agree, f"the same CPTS {cpts_id} at both", fleet.CONVERGE_TIMEOUT_S)
        except AssertionError:
            self.fail(self.fleet.logs())

    def test_pair__change_of_the_region_is_seen_nationally(self):
        self.sail()
        clerk = self.client(self.region, fleet.file_name(NODE))
        cpts_id = self.create(clerk, name="CPTS de la région")
        self.assertEqual(self.wait_equal(cpts_id), [[f"{NODE} 1 CPTS de la région"]])
        clerk.update(id=cpts_id, expected_version=1, name="CPTS renommée",
                     update_mask={"paths": ["name"]})
        wait_until(lambda: self.wait_equal(cpts_id) == [[f"{NODE} 2 CPTS renommée"]],
                   "the new name at both")

    def test_pair__region_that_is_cut_off_works_on_and_comes_back(self):
        self.sail()
        clerk = self.client(self.region, fleet.file_name(NODE))
        self.wait_equal(self.create(clerk))
        self.cut_off()
        made = [self.create(clerk, name=f"CPTS seule {number}") for number in range(5)]
        self.assertEqual(self.national.database.query(OWNER.format(made[0])), [])
        self.fleet.proxies[REGION].accept()
        for cpts_id in made:
            self.wait_equal(cpts_id)

    def zone(self, **fields):
        """A command about a region that the national node serves."""
        return {"region": REGION, "expected_version": 0, "source": "arrêté d'essai",
                "effective_on": "2024-01-01",
                "entries": [{"unit_code": "78646", "zone": "ZONE_ZIP"}], **fields}

    def test_pair__command_about_what_the_nation_owns_is_handed_on(self):
        self.sail(owned=False)
        agent = self.client(self.region, "agent")
        request = territory_pb2.SetZoningRequest(**command(self.zone()))
        wait_until(lambda: outcome(agent.territory.SetZoning, request, timeout=CALL_TIMEOUT_S)
                   == "OK", "a command handed on")
        self.assertTrue(agent.territory.SetZoning(request, timeout=CALL_TIMEOUT_S).replayed)
        self.assertEqual(self.national.database.query(ACTOR), [[AGENT]])
        self.assertEqual(self.region.database.query(ACTOR), [])

    def test_pair__cut_off_it_is_refused_and_nothing_is_done(self):
        self.sail(owned=False)
        agent = self.client(self.region, "agent")
        self.cut_off()
        refused = refusal(agent.ask_territory, "SetZoning", **self.zone())
        self.assertEqual((refused.status, refused.reason),
                         ("UNAVAILABLE", "UPSTREAM_UNREACHABLE"))
        for member in self.fleet.members:
            self.assertEqual(member.database.query(ACTOR), [])

    def test_pair__nobody_speaks_for_others_but_a_node_for_its_region(self):
        self.sail(owned=False)
        self.national.database.file("sql/admin/principal_role_grant.sql", uri=STRANGER,
                                    role="OPERATOR", scope="*")
        node = self.client(self.national, fleet.file_name(NODE))
        own = {"cpts-on-behalf": AGENT, "cpts-on-behalf-roles": "ARS_AGENT",
               "cpts-on-behalf-scope": f"region:{REGION}"}
        stranger = self.client(self.national, "stranger")
        wait_until(lambda: outcome(stranger.list) == "OK", "the stranger known")
        for changes, wanted in (
                ({}, "OK"),
                ({"cpts-on-behalf-scope": "region:52"}, "PERMISSION_DENIED/OUT_OF_SCOPE"),
                ({"cpts-on-behalf-scope": "*"}, "PERMISSION_DENIED/OUT_OF_SCOPE"),
                ({"cpts-on-behalf-scope": f"cpts:{uuid.uuid4()}"},
                 "PERMISSION_DENIED/OUT_OF_SCOPE"),
                ({"cpts-on-behalf-roles": "OPERATOR"}, "PERMISSION_DENIED/ROLE_NOT_ALLOWED"),
                ({"cpts-on-behalf-roles": "ARS_AGENT,OPERATOR"},
                 "PERMISSION_DENIED/ROLE_NOT_ALLOWED"),
                ({"cpts-on-behalf-roles": ""}, "PERMISSION_DENIED/ROLE_NOT_ALLOWED"),
                ({"cpts-on-behalf": STRANGER}, "PERMISSION_DENIED/OUT_OF_SCOPE"),
                ({"cpts-on-behalf": fleet.uri("national")}, "PERMISSION_DENIED/OUT_OF_SCOPE"),
                ({"cpts-on-behalf": "x" * 300}, "INVALID_ARGUMENT/FIELD_INVALID")):
            metadata = tuple({**own, **changes}.items())
            with self.subTest(changes=changes):
                self.assertEqual(outcome(
                    node.raw, CREATE, creation(lead_region=REGION).SerializeToString(),
                    metadata=metadata), wanted)
        self.assertEqual(outcome(
            stranger.raw, CREATE, creation(lead_region=REGION).SerializeToString(),
            metadata=tuple(own.items())), "PERMISSION_DENIED/ROLE_NOT_ALLOWED")
        agent = self.client(self.region, "agent")
        self.assertEqual(outcome(
            agent.raw, CREATE, creation(lead_region=REGION).SerializeToString(),
            metadata=tuple(own.items())), "PERMISSION_DENIED/ROLE_NOT_ALLOWED")


if __name__ == "__main__":
    main()
