# SPDX-License-Identifier: Apache-2.0
"""Who plays: CPTS with keys and a coordinator each, the desk of each region, on
a real server. Everybody is invented."""
import os
import subprocess
import sys
import uuid

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[1:1] = [os.path.join(TESTS, "e2e"), os.path.join(TESTS, "support")]
import node as nodes  # noqa: E402
import psql  # noqa: E402
import vouching  # noqa: E402
from cpts.v1 import actor_pb2, key_pb2, key_pb2_grpc, referral_pb2_grpc  # noqa: E402

# Communes of the two regions, far enough from one another not to matter.
PLACES = (("11", "78646"), ("11", "92040"), ("11", "92049"), ("11", "94028"), ("52", "44109"),
          ("52", "49007"), ("52", "72181"), ("52", "85191"))
SHARE = 0.01
CALL_TIMEOUT_S = 30
CARE = actor_pb2.Actor(rpps=nodes.rpps(1), profession="MEDECIN_GENERALISTE",
                       purpose=actor_pb2.PURPOSE_CARE)
DESK = actor_pb2.Actor(function="Référent parcours", purpose=actor_pb2.PURPOSE_DESK)


class Player:
    """An identity with a connection of its own."""

    def __init__(self, name, number, cpts_id="", region=""):
        self.name, self.cpts_id, self.region = name, cpts_id, region
        self.uri = f"spiffe://{nodes.TRUST_DOMAIN}/user/{uuid.UUID(int=1000 + number)}"
        self.keys = self.client = self.referrals = None
        self.actor = CARE if cpts_id else DESK

    def connect(self, node):
        self.client = node.client(self.name)
        self.referrals = referral_pb2_grpc.ReferralServiceStub(self.client.channel)


class Cast:
    """A server, its CPTS and its desks."""

    def __init__(self, limits=""):
        self.node = nodes.Node(limits=limits)
        try:
            self._enter()
        except BaseException:
            self.node.stop()
            raise

    def _enter(self):
        operator = self.node.client()
        self.players = [self._cpts(operator, number, region, unit)
                        for number, (region, unit) in enumerate(PLACES)]
        self.desks = {region: self._desk(100 + number, region)
                      for number, region in enumerate(sorted({r for r, _ in PLACES}))}
        everybody = [*self.players, *self.desks.values()]
        for player in everybody:
            player.connect(self.node)
        self.node.reread_roles(lambda: all(self._is_known(player) for player in everybody))
        for player in self.players:
            self._publish(player)
        operator.close()

    def _cpts(self, operator, number, region, unit):
        stages = [nodes.entry(name, f"20{18 + rank}-01-15") for rank, name in enumerate(
            ("EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE"))]
        made = operator.create(name=f"CPTS d'essai {number}", lead_region=region, stages=stages,
                               territory=[nodes.unit(unit, SHARE)])
        player = Player(f"cpts{number}", number, made.id, region)
        self._certify(player, "CPTS_COORDINATOR", f"cpts:{made.id}")
        player.keys = vouching.Keys(made.id, region)
        return player

    def _desk(self, number, region):
        player = Player(f"desk{region}", number, region=region)
        self._certify(player, "ARS_AGENT", f"region:{region}")
        return player

    def _certify(self, player, role, scope):
        tool = os.path.join(psql.SOURCE, "tests", "support", "certificates")
        subprocess.run([tool, "leaf", self.node.folder, "ca", player.name, "2",
                        f"URI:{player.uri}"], check=True, timeout=60)
        self.node.database.file("sql/admin/principal_role_grant.sql", uri=player.uri, role=role,
                                scope=scope)

    @staticmethod
    def _is_known(player):
        return nodes.outcome(player.client.list, page_size=1) == "OK"

    def _publish(self, player):
        stub = key_pb2_grpc.KeyServiceStub(player.client.channel)
        stub.PublishKey(key_pb2.PublishKeyRequest(
            command_id=str(uuid.uuid4()), id=player.cpts_id,
            statement=self.node.federation.statement(player.keys)),
            timeout=CALL_TIMEOUT_S)

    def identities(self):
        """Who stands behind a URI, for the plain model."""
        found = {player.uri: player.cpts_id for player in self.players}
        found.update({desk.uri: ("desk", region) for region, desk in self.desks.items()})
        return found

    def close(self):
        self.node.stop()
