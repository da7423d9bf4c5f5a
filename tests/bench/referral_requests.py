# SPDX-License-Identifier: Apache-2.0
"""Requests of referrals, packed: sealed and signed with PyNaCl (tests/model/sealing.py), by an
origin whose key and whose recipient's key the server has published."""
import os
import pathlib
import sys
import uuid

from state import BUILD, SOURCE, TRUST_DOMAIN

os.environ.setdefault("CPTS_TEST_BUILD", str(BUILD))
sys.path.append(str(SOURCE / "tests/model"))
import sealing  # noqa: E402
# After sealing, which puts the stubs on the path.
import grpc  # noqa: E402
import vouching  # noqa: E402
from cpts.v1 import key_pb2, key_pb2_grpc, referral_pb2, referral_pb2_grpc  # noqa: E402

REGION = "11"
PAGE_ROWS = 50
CALL_TIMEOUT_S = 30


def number_id(first, kind, number):
    """As sql/schema.sql and sql/referrals.sql make ids from numbers."""
    return f"{first:02d}000000-0000-7000-{kind}-{number:012d}"


class Player:
    """CPTS number `number`: its coordinator's identity and its keys."""

    def __init__(self, name, number):
        self.name, self.cpts_id = name, number_id(0, "8000", number)
        self.uri = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=2000 + number)}"
        self.scope = f"cpts:{self.cpts_id}"
        self.keys = vouching.Keys(self.cpts_id, REGION)

    def channel(self, state, server):
        """A connection as this coordinator."""
        pems = [pathlib.Path(state.pem(name)).read_bytes()
                for name in ("ca.pem", f"{self.name}.key", f"{self.name}.pem")]
        return grpc.secure_channel(f"127.0.0.1:{server.port}",
                                   grpc.ssl_channel_credentials(*pems))


class Players:
    """Who refers, who receives, and who vouches for their keys."""

    def __init__(self, state, origin, destination):
        self.state = state
        self.federation = vouching.Federation()
        self.origin, self.destination = Player("origin", origin), Player("destination", destination)
        self.root = state.directory / "root.pub"
        self.root.write_text(self.federation.root_text(), encoding="ascii")
        for player in (self.origin, self.destination):
            state.certify(player.name, player.uri)

    def enter(self, database):
        """Their roles, in a database."""
        for player in (self.origin, self.destination):
            self.state.grant(database, player.uri, "CPTS_COORDINATOR", player.scope)

    def publish(self, server):
        """Their keys, through the server."""
        for player in (self.origin, self.destination):
            with player.channel(self.state, server) as channel:
                key_pb2_grpc.KeyServiceStub(channel).PublishKey(key_pb2.PublishKeyRequest(
                    command_id=str(uuid.uuid4()), id=player.cpts_id,
                    statement=self.federation.statement(player.keys)), timeout=CALL_TIMEOUT_S)

    def submits(self, count):
        """That many sealed referrals from the origin to the destination; command ids as the SDK
        mints them."""
        for _ in range(count):
            request = sealing.Sealed(self.origin).submit([self.destination])
            request.command_id = sealing.uuid7()
            yield request

    def inbox(self, server, pages_max):
        """Requests for the pages of the destination's inbox, from the first one on."""
        actor = sealing.CARE
        token = ""
        with self.destination.channel(self.state, server) as channel:
            stub = referral_pb2_grpc.ReferralServiceStub(channel)
            for _ in range(pages_max):
                request = referral_pb2.ListReferralsRequest(
                    actor=actor, worklist=referral_pb2.WORKLIST_INBOX, page_size=PAGE_ROWS,
                    page_token=token)
                response = stub.ListReferrals(request, timeout=CALL_TIMEOUT_S)
                if len(response.rows) == PAGE_ROWS:
                    yield request
                token = response.next_page_token
                if not token:
                    return


def accept(referral_id, assignment_id):
    """The destination takes a referral that nobody has touched since it was submitted."""
    return referral_pb2.ActOnReferralRequest(
        command_id=sealing.uuid7(), referral_id=referral_id, assignment_id=assignment_id,
        expected_version=1, event=referral_pb2.REFERRAL_EVENT_ACCEPT, actor=sealing.CARE)


def accepts(first, count):
    """The destination takes referrals first .. first + count - 1 of sql/referrals.sql."""
    for number in range(first, first + count):
        yield accept(number_id(1, "8000", number), number_id(1, "9000", number))


def write(path, requests):
    """One request a line, in hexadecimal; how many bytes the longest has."""
    longest = 0
    with open(path, "w", encoding="ascii") as file:
        for request in requests:
            packed = request.SerializeToString()
            longest = max(longest, len(packed))
            file.write(packed.hex() + "\n")
    return longest
