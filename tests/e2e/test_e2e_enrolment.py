# SPDX-License-Identifier: Apache-2.0
"""Who comes without a certificate and goes with one: tokens, requests, what is signed,
renewal; every bad input and every call that the second port must refuse."""
import base64
import hashlib
import subprocess
import time
import unittest
import uuid

from node import (CALL_TIMEOUT_S, CHECKPOINT_KEY, NO_REGION, OTHER_REGION, REGION, TRUST_DOMAIN,
                  Client, Node, change_pb2, enrolment_pb2, health_pb2, outcome, psql, refusal,
                  reflection_pb2, registry_pb2, stage, uri_of)

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


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True,
                          timeout=60).stdout


class Key:
    """A private key and requests signed with it."""

    def __init__(self, *options):
        self.pem = openssl("genpkey", "-quiet", *(options or (
            "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")))

    def request(self, form="DER", subject="/CN=somebody else", *words):
        return openssl("req", "-new", "-key", "/dev/stdin", "-subj", subject, "-outform", form,
                       *words, data=self.pem)


KEY = Key()


def newcomer():
    return Client(node, None, port=node.enrolment_port)


def creation(**changes):
    return {"identity": f"user/{uuid.uuid4()}", "roles": ["DGOS_ANALYST"], "scope": "read",
            **changes}


def create(client=None, **changes):
    return (client or operator).enrol("CreateEnrolment", **creation(**changes))


def enroll(token, request=None, **changes):
    client = newcomer()
    try:
        return client.enrol("Enroll", token=token,
                            certificate_request=request or KEY.request(), **changes)
    finally:
        client.close()


def refused(call, *arguments, **fields):
    """STATUS/REASON, and nothing changed."""
    before = node.fingerprint(), roles()
    said = outcome(call, *arguments, **fields)
    assert (node.fingerprint(), roles()) == before, said
    return said


def roles(identity=None):
    where = f" WHERE principal = '{identity}'" if identity else ""
    return node.database.query("SELECT principal, role, scope FROM cpts.principal_role"
                               f"{where} ORDER BY 1, 2;")


def holder(name, pem, key):
    """A client with a certificate that was given."""
    for ending, data in (("pem", pem.encode()), ("key", key.pem)):
        with open(node.path(f"{name}.{ending}"), "wb") as file:
            file.write(data)
    return node.client(name)


def text_of(certificate):
    return openssl("x509", "-noout", "-text", data=certificate.certificate.encode()).decode()


class Coming(unittest.TestCase):
    def test_enrolment__from_a_token_to_a_call(self):
        created = create(note="Mme Test, DGOS")
        given = enroll(created.token).certificate
        identity = given.identity
        self.assertTrue(identity.startswith(f"spiffe://{TRUST_DOMAIN}/user/"))
        self.assertEqual(roles(identity), [[identity, "DGOS_ANALYST", "read"]])
        client = holder("given", given.certificate, KEY)
        self.addCleanup(client.close)
        node.reread_roles(lambda: outcome(client.node_status) == "OK")
        self.assertEqual(given.port, node.port)
        until = openssl("x509", "-noout", "-enddate", "-dateopt", "iso_8601",
                        data=given.certificate.encode()).decode().strip()
        self.assertEqual(until.replace(" ", "T"),
                         f"notAfter={given.expires_at.ToJsonString()}")
        self.assertEqual(given.authorities.encode(), node.read("ca.pem"))
        self.assertEqual(outcome(client.create), "PERMISSION_DENIED/ROLE_NOT_ALLOWED")

    def test_enrolment__who_comes_is_told_whose_signatures_to_believe(self):
        above = enroll(create().token).above
        self.assertEqual((above.node, above.epoch, above.checkpoint_key, above.node_epoch),
                         ("national", 1, CHECKPOINT_KEY, 0))

    def test_enrolment__the_token_says_whom_to_trust_and_the_database_keeps_a_hash(self):
        created = create()
        name, number, secret, authority = created.token.split(".")
        self.assertEqual((name, number), ("cpts-enrol", "1"))
        der = openssl("x509", "-outform", "DER", data=node.read("ca.pem"))
        self.assertEqual(base64.urlsafe_b64decode(authority + "="), hashlib.sha256(der).digest())
        kept = hashlib.sha256(base64.urlsafe_b64decode(secret + "=")).hexdigest()
        self.assertEqual(node.database.query(
            f"SELECT encode(token_hash, 'hex') FROM cpts.enrolment"
            f" WHERE enrolment_id = '{created.id}';"), [[kept]])
        dumped = node.database.query("SELECT count(*) FROM cpts.change_log"
                                     f" WHERE position('{secret}' in encode(bytes, 'escape')) > 0"
                                     ";")
        self.assertEqual(dumped, [["0"]])
        self.assertNotIn(secret, node.log_text())

    def test_enrolment__the_certificate_names_the_enrolment_not_the_request(self):
        wanted = f"spiffe://{TRUST_DOMAIN}/user/{uuid.UUID(int=3)}"
        greedy = KEY.request("PEM", "/CN=operator", "-addext", f"subjectAltName=URI:{wanted}",
                             "-addext", "basicConstraints=critical,CA:TRUE")
        identity = f"user/{uuid.uuid4()}"
        given = enroll(create(identity=identity).token, greedy).certificate
        text = text_of(given)
        self.assertIn(f"URI:spiffe://{TRUST_DOMAIN}/{identity}", text)
        self.assertNotIn(wanted, text)
        self.assertNotIn("operator", text)
        self.assertIn("CA:FALSE", text)
        self.assertNotIn("CA:TRUE", text)
        self.assertIn("Digital Signature", text)
        self.assertIn("TLS Web Client Authentication", text)
        self.assertNotIn("TLS Web Server", text)
        self.assertEqual(len(given.serial), 32)
        self.assertIn(given.serial.lower(), text.replace(":", ""))

    def test_enrolment__the_same_command_gets_the_same_certificate_again(self):
        created, again = create(), {"command_id": str(uuid.uuid4())}
        request = KEY.request()
        first = enroll(created.token, request, **again)
        before = node.fingerprint()
        second = enroll(created.token, request, **again)
        self.assertFalse(first.replayed)
        self.assertTrue(second.replayed)
        self.assertEqual(second.certificate, first.certificate)
        self.assertEqual(node.fingerprint(), before)

    def test_enrolment__every_kind_of_key_that_is_allowed(self):
        for options in (("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
                        ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072")):
            with self.subTest(options=options):
                self.assertIn("BEGIN CERTIFICATE",
                              enroll(create().token, Key(*options).request()).certificate
                              .certificate)

    def test_enrolment__a_cpts_comes_by_its_ars(self):
        cpts_id = operator.create(lead_region=REGION).id
        created = create(agent, identity=f"cpts/{cpts_id}", roles=["CPTS_COORDINATOR"],
                         scope=f"cpts:{cpts_id}")
        given = enroll(created.token).certificate
        client = holder("of-cpts", given.certificate, KEY)
        self.addCleanup(client.close)
        node.reread_roles(lambda: outcome(client.node_status) == "OK")
        changed = client.update(id=cpts_id, expected_version=1, name="Elle-même",
                                update_mask={"paths": ["name"]})
        self.assertEqual(changed.version, 2)
        kinds = node.database.query("SELECT kind, actor, version FROM cpts.change_log WHERE"
                                    f" aggregate_id = '{created.id}' ORDER BY local_position;")
        self.assertEqual(kinds, [["ENROLMENT_CREATED", uri_of("ARS_AGENT"), "1"],
                                 ["ENROLMENT_USED", given.identity, "2"]])

    def test_enrolment__the_log_names_the_certificate(self):
        created = create()
        given = enroll(created.token).certificate
        rows = node.database.query("SELECT encode(bytes, 'hex') FROM cpts.change_log WHERE"
                                   f" aggregate_id = '{created.id}' ORDER BY local_position;")
        change = change_pb2.Change.FromString(bytes.fromhex(rows[1][0]))
        self.assertEqual(change.enrolment_used.serial, given.serial)
        der = openssl("pkey", "-in", "/dev/stdin", "-pubout", "-outform", "DER", data=KEY.pem)
        self.assertEqual(change.enrolment_used.key_sha256, hashlib.sha256(der).digest())
        self.assertEqual(change.actor, given.identity)

    def test_enrolment__who_lost_a_key_comes_again(self):
        identity = f"user/{uuid.uuid4()}"
        first = enroll(create(identity=identity).token).certificate
        again = create(identity=identity, replaces=True)
        self.assertEqual(self.revoked(first), [], "the token was not used yet")
        second = enroll(again.token, Key().request()).certificate
        self.assertEqual(first.identity, second.identity)
        self.assertNotEqual(first.serial, second.serial)
        self.assertEqual(len(roles(first.identity)), 1)
        self.assertEqual(self.revoked(first), [[first.serial]])

    @staticmethod
    def revoked(certificate):
        return node.database.query("SELECT serial FROM cpts.certificate_revocation WHERE principal"
                                   f" = '{certificate.identity}';")


class Creating(unittest.TestCase):
    def test_enrolment__a_repeated_creation_has_no_token(self):
        fields = {**creation(), "command_id": str(uuid.uuid4())}
        first = operator.enrol("CreateEnrolment", **fields)
        second = operator.enrol("CreateEnrolment", **fields)
        self.assertTrue(second.replayed)
        self.assertEqual((second.id, second.token), (first.id, ""))
        self.assertEqual(second.expires_at, first.expires_at)
        self.assertAlmostEqual(first.expires_at.seconds, time.time() + 72 * 3600, delta=3600)
        listed = next(one for one in operator.enrol("ListEnrolments", page_size=500).enrolments
                      if one.id == first.id)
        self.assertEqual(listed.expires_at, first.expires_at)
        self.assertEqual(listed.expires_at.seconds - listed.created_at.seconds, 72 * 3600)
        self.assertFalse(listed.HasField("used_at"))
        self.assertEqual(refused(operator.enrol, "CreateEnrolment", **{**fields, "note": "x"}),
                         "ALREADY_EXISTS/COMMAND_ID_REUSED")

    def test_enrolment__bad_creations(self):
        cpts_id, other_id = (operator.create(lead_region=region).id
                             for region in (REGION, OTHER_REGION))
        coordinator = {"roles": ["CPTS_COORDINATOR"], "scope": f"cpts:{cpts_id}"}
        invalid = "INVALID_ARGUMENT/FIELD_INVALID"
        for changes, said in (
                ({"identity": ""}, invalid), ({"identity": "user/1"}, invalid),
                ({"identity": f"node/{uuid.uuid4()}"}, invalid),
                ({"identity": f"user/{str(uuid.uuid4()).upper()}"}, invalid),
                ({"identity": "node/national"}, invalid),
                ({"identity": f"user/{uuid.uuid4()}/x"}, invalid),
                ({"roles": []}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"roles": ["DGOS_ANALYST"] * 2}, invalid),
                ({"roles": ["DGOS_ANALYST"] * 5}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"roles": ["NATIONAL_NODE"]}, "INVALID_ARGUMENT/ROLE_NOT_ENROLLABLE"),
                ({"roles": ["PUBLIC"]}, "INVALID_ARGUMENT/ROLE_NOT_ENROLLABLE"),
                ({"roles": ["operator"]}, "INVALID_ARGUMENT/ROLE_NOT_ENROLLABLE"),
                ({"scope": "*"}, "INVALID_ARGUMENT/SCOPE_NOT_OF_ROLE"),
                ({"roles": ["OPERATOR"]}, "INVALID_ARGUMENT/SCOPE_NOT_OF_ROLE"),
                ({"roles": ["ARS_AGENT"], "scope": "region:"}, invalid),
                ({"roles": ["ARS_AGENT"], "scope": f"region:{NO_REGION}"},
                 "INVALID_ARGUMENT/UNKNOWN_REGION"),
                ({**coordinator, "scope": "cpts:x"}, invalid),
                ({**coordinator, "scope": f"cpts:{uuid.uuid4()}"}, "NOT_FOUND/CPTS_NOT_FOUND"),
                ({**coordinator, "identity": f"cpts/{other_id}"},
                 "INVALID_ARGUMENT/SCOPE_NOT_OF_ROLE"),
                ({"identity": f"cpts/{cpts_id}"}, "INVALID_ARGUMENT/SCOPE_NOT_OF_ROLE"),
                ({"note": "é" * 201}, invalid), ({"lifetime_hours": -1}, invalid),
                ({"lifetime_hours": 721}, invalid), ({"command_id": "x"}, invalid),
                ({"command_id": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"identity": f"user/{uuid.UUID(int=2)}"},
                 "FAILED_PRECONDITION/IDENTITY_SCOPE_CONFLICT")):
            with self.subTest(changes=changes):
                self.assertEqual(refused(operator.enrol, "CreateEnrolment", **creation(**changes)),
                                 said)

    def test_enrolment__an_ended_cpts_has_no_newcomers(self):
        cpts_id = operator.create(lead_region=REGION).id
        operator.record(id=cpts_id, expected_version=1, stage=stage("ABANDONNE"),
                        effective_on="2024-01-01")
        self.assertEqual(refused(create, identity=f"cpts/{cpts_id}", roles=["CPTS_COORDINATOR"],
                                 scope=f"cpts:{cpts_id}"), "FAILED_PRECONDITION/CPTS_ENDED")

    def test_enrolment__an_ars_gives_roles_on_its_cpts_alone(self):
        other_id = operator.create(lead_region=OTHER_REGION).id
        for changes in ({}, {"roles": ["ARS_AGENT"], "scope": f"region:{REGION}"},
                        {"roles": ["OPERATOR"], "scope": "*"},
                        {"roles": ["CPTS_COORDINATOR"], "scope": f"cpts:{other_id}"}):
            with self.subTest(changes=changes):
                self.assertEqual(refused(create, agent, **changes),
                                 "PERMISSION_DENIED/OUT_OF_SCOPE")

    def test_enrolment__the_list_shows_what_one_could_have_made(self):
        cpts_id = operator.create(lead_region=REGION).id
        of_agent = create(agent, roles=["CPTS_COORDINATOR"], scope=f"cpts:{cpts_id}").id
        of_operator = create(note="nation").id
        seen = {one.id for one in agent.enrol("ListEnrolments", page_size=500).enrolments}
        self.assertIn(of_agent, seen)
        self.assertNotIn(of_operator, seen)
        self.assertEqual(refused(agent.enrol, "RevokeEnrolment", id=of_operator, reason="x"),
                         "NOT_FOUND/ENROLMENT_NOT_FOUND")

    def test_enrolment__pages_and_states(self):
        made = [create().id for _ in range(3)]
        enrolled = create()
        enroll(enrolled.token)
        operator.enrol("RevokeEnrolment", id=made[0], reason="perdu")
        node.database.query("UPDATE cpts.enrolment SET created_at = created_at - interval '4 days',"
                            " expires_at = expires_at - interval '4 days'"
                            f" WHERE enrolment_id = '{made[1]}';")
        every, token = [], ""
        while True:
            page = operator.enrol("ListEnrolments", page_size=2, page_token=token)
            every += page.enrolments
            token = page.next_page_token
            if not token:
                break
        self.assertEqual([one.id for one in every], sorted(one.id for one in every))
        states = {one.id: enrolment_pb2.EnrolmentState.Name(one.state)[16:] for one in every}
        self.assertEqual([states[key] for key in (*made, enrolled.id)],
                         ["REVOKED", "EXPIRED", "OPEN", "USED"])
        used = operator.enrol("ListEnrolments", state="ENROLMENT_STATE_USED", page_size=500)
        self.assertEqual({states[one.id] for one in used.enrolments}, {"USED"})
        self.assertNotIn(".", "".join(one.note for one in every))

    def test_enrolment__bad_listings(self):
        token = operator.enrol("ListEnrolments", page_size=1).next_page_token
        for fields, said in (({"page_size": 501}, "FIELD_INVALID"),
                             ({"page_size": -1}, "FIELD_INVALID"), ({"state": 9}, "FIELD_INVALID"),
                             ({"page_token": "x"}, "PAGE_TOKEN_INVALID"),
                             ({"page_token": token, "state": 1}, "PAGE_TOKEN_INVALID")):
            with self.subTest(fields=fields):
                self.assertEqual(outcome(operator.enrol, "ListEnrolments", **fields),
                                 f"INVALID_ARGUMENT/{said}")

    def test_enrolment__revoking(self):
        created = create()
        fields = {"id": created.id, "reason": "perdu", "command_id": str(uuid.uuid4())}
        self.assertEqual(operator.enrol("RevokeEnrolment", **fields).version, 2)
        self.assertTrue(operator.enrol("RevokeEnrolment", **fields).replayed)
        for changes, said in (
                ({}, "FAILED_PRECONDITION/ENROLMENT_REVOKED"),
                ({"reason": ""}, "INVALID_ARGUMENT/FIELD_REQUIRED"),
                ({"reason": "é" * 201}, "INVALID_ARGUMENT/FIELD_INVALID"),
                ({"id": "x"}, "INVALID_ARGUMENT/FIELD_INVALID"),
                ({"id": str(uuid.uuid4())}, "NOT_FOUND/ENROLMENT_NOT_FOUND")):
            with self.subTest(changes=changes):
                self.assertEqual(refused(operator.enrol, "RevokeEnrolment",
                                         **{"id": created.id, "reason": "x", **changes}), said)
        self.assertEqual(refused(enroll, created.token), "FAILED_PRECONDITION/ENROLMENT_REVOKED")

    def test_enrolment__a_used_one_is_revoked_by_its_certificate(self):
        created = create()
        serial = enroll(created.token).certificate.serial
        said = refusal(operator.enrol, "RevokeEnrolment", id=created.id, reason="x")
        self.assertEqual(said.reason, "ENROLMENT_USED")
        self.assertIn(serial, said.message)


class BadTokens(unittest.TestCase):
    """The address of all is the same: a server of their own, that nobody else waits for."""

    def setUp(self):
        # Failures are forgiven by a server that starts anew.
        node.restart(15)
        node.reread_roles(lambda: outcome(operator.node_status) == "OK")

    def test_enrolment__wrong_misspelt_and_unknown_are_told_alike(self):
        token = create().token
        other = ".".join([*token.split(".")[:2], "A" * 43, token.split(".")[3]])
        said = {str(refusal(enroll, text)) for text in
                (other, "", "x", token[:-1], token + "A", token.replace(".", ":"),
                 token.replace("cpts-enrol.1", "cpts-enrol.2"))}
        self.assertEqual(len(said), 1, said)
        self.assertEqual(refused(enroll, other), "UNAUTHENTICATED/ENROLMENT_TOKEN_INVALID")

    def test_enrolment__used_expired_and_no_scope(self):
        used, late, moved = create(), create(), create()
        first = {"command_id": str(uuid.uuid4())}
        request = KEY.request()
        enroll(used.token, request, **first)
        self.assertEqual(refused(enroll, used.token), "FAILED_PRECONDITION/ENROLMENT_USED")
        self.assertEqual(refused(enroll, used.token, KEY.request(), **first),
                         "ALREADY_EXISTS/COMMAND_ID_REUSED")
        node.database.query("UPDATE cpts.enrolment SET created_at = created_at - interval '4 days',"
                            " expires_at = expires_at - interval '4 days'"
                            f" WHERE enrolment_id = '{late.id}';")
        self.assertEqual(refused(enroll, late.token), "FAILED_PRECONDITION/ENROLMENT_EXPIRED")
        identity = node.database.query("SELECT principal FROM cpts.enrolment"
                                       f" WHERE enrolment_id = '{moved.id}';")[0][0]
        node.database.file("sql/admin/principal_role_grant.sql", uri=identity, role="OPERATOR",
                           scope="*")
        self.assertEqual(refused(enroll, moved.token),
                         "FAILED_PRECONDITION/IDENTITY_SCOPE_CONFLICT")

    def test_enrolment__bad_requests(self):
        token, good = create().token, KEY.request()
        small = Key("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048").request()
        foreign = Key("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1").request()
        edwards = Key("-algorithm", "ED25519").request()
        invalid = "INVALID_ARGUMENT/CERTIFICATE_REQUEST_INVALID"
        for request, said in (
                (b"x", invalid), (good[:-1], invalid), (good + b"\0", invalid),
                (node.read("ca.pem"), invalid), (KEY.pem, invalid),
                (KEY.request("PEM") + b"x", invalid), (good + b"\0" * 8192, invalid),
                (good[:-1] + bytes([good[-1] ^ 1]), "INVALID_ARGUMENT/POSSESSION_NOT_PROVED"),
                (small, "INVALID_ARGUMENT/KEY_NOT_ALLOWED"),
                (foreign, "INVALID_ARGUMENT/KEY_NOT_ALLOWED")):
            with self.subTest(request=request[:20]):
                self.assertEqual(refused(enroll, token, request), said)
        node.restart(15)
        self.assertEqual(refused(enroll, token, edwards), "INVALID_ARGUMENT/KEY_NOT_ALLOWED")
        client = newcomer()
        self.addCleanup(client.close)
        self.assertEqual(refused(client.enrol, "Enroll", token=token),
                         "INVALID_ARGUMENT/FIELD_REQUIRED")
        self.assertEqual(refused(client.enrol, "Enroll", token=token, certificate_request=good,
                                 command_id="x"), "INVALID_ARGUMENT/FIELD_INVALID")
        self.assertIn("BEGIN", enroll(token, good).certificate.certificate)

    def test_enrolment__after_ten_failures_one_waits(self):
        token = create().token
        for _ in range(10):
            self.assertEqual(outcome(enroll, "x"), "UNAUTHENTICATED/ENROLMENT_TOKEN_INVALID")
        said = refusal(enroll, token)
        self.assertEqual((said.reason, said.status), ("TOO_MANY_FAILURES", "RESOURCE_EXHAUSTED"))
        self.assertEqual(refused(enroll, token), "RESOURCE_EXHAUSTED/TOO_MANY_FAILURES")
        node.restart(15)
        self.assertIn("BEGIN", enroll(token).certificate.certificate)


class SecondPort(unittest.TestCase):
    def test_enrolment__its_port_takes_nothing_else(self):
        client = newcomer()
        self.addCleanup(client.close)
        nobody = "UNAUTHENTICATED/NO_IDENTITY"
        calls = {
            "read": lambda: client.list(),
            "command": lambda: client.create(),
            "enrolment": lambda: client.enrol("CreateEnrolment", **creation()),
            "renewal": lambda: client.enrol("RenewCertificate", certificate_request=KEY.request()),
            "unknown": lambda: client.raw("/cpts.v1.RegistryService/Nothing", b""),
            "health": lambda: client.health.Check(health_pb2.HealthCheckRequest(),
                                                  timeout=CALL_TIMEOUT_S),
            "health watch": lambda: next(client.health.Watch(health_pb2.HealthCheckRequest(),
                                                             timeout=CALL_TIMEOUT_S)),
            "reflection": lambda: next(client.reflection.ServerReflectionInfo(iter(
                [reflection_pb2.ServerReflectionRequest(list_services="")]),
                timeout=CALL_TIMEOUT_S)),
            "watch": lambda: next(client.registry.WatchCpts(
                registry_pb2.WatchCptsRequest(), timeout=CALL_TIMEOUT_S)),
        }
        for name, call in calls.items():
            with self.subTest(name=name):
                self.assertEqual(refused(call), nobody)

    def test_enrolment__a_certificate_is_worth_nothing_there(self):
        client = Client(node, "operator", port=node.enrolment_port)
        self.addCleanup(client.close)
        self.assertEqual(outcome(client.list), "UNAUTHENTICATED/NO_IDENTITY")

    def test_enrolment__the_main_port_enrols_nobody(self):
        stranger = node.client(None)
        self.addCleanup(stranger.close)
        fields = {"token": create().token, "certificate_request": KEY.request()}
        self.assertEqual(outcome(stranger.enrol, "Enroll", **fields), "UNAVAILABLE")
        self.assertEqual(refused(operator.enrol, "Enroll", **fields),
                         "PERMISSION_DENIED/ROLE_NOT_ALLOWED")
        nameless = node.client("no-uri")
        self.addCleanup(nameless.close)
        self.assertEqual(refused(nameless.enrol, "Enroll", **fields),
                         "UNAUTHENTICATED/NO_IDENTITY")


class Renewal(unittest.TestCase):
    def test_enrolment__a_valid_certificate_is_followed_by_another(self):
        first = enroll(create().token).certificate
        client = holder("renewing", first.certificate, KEY)
        self.addCleanup(client.close)
        node.reread_roles(lambda: outcome(client.node_status) == "OK")
        key = Key()
        fields = {"certificate_request": key.request(), "command_id": str(uuid.uuid4())}
        second = client.enrol("RenewCertificate", **fields)
        again = client.enrol("RenewCertificate", **fields)
        self.assertTrue(again.replayed)
        self.assertEqual(again.certificate, second.certificate)
        self.assertEqual(second.certificate.identity, first.identity)
        self.assertNotEqual(second.certificate.serial, first.serial)
        renewed = holder("renewed", second.certificate.certificate, key)
        self.addCleanup(renewed.close)
        self.assertEqual(outcome(renewed.node_status), "OK")
        self.assertEqual(outcome(client.node_status), "OK")

    def test_enrolment__bad_renewals(self):
        analyst = node.client("analyst")
        self.addCleanup(analyst.close)
        self.assertEqual(refused(analyst.enrol, "RenewCertificate", certificate_request=b"x"),
                         "INVALID_ARGUMENT/CERTIFICATE_REQUEST_INVALID")
        self.assertEqual(refused(analyst.enrol, "RenewCertificate",
                                 certificate_request=KEY.request(), command_id=""),
                         "INVALID_ARGUMENT/FIELD_REQUIRED")
        created = str(uuid.uuid4())
        create(command_id=created)
        self.assertEqual(refused(operator.enrol, "RenewCertificate", command_id=created,
                                 certificate_request=KEY.request()),
                         "ALREADY_EXISTS/COMMAND_ID_REUSED")

    def test_enrolment__a_revoked_one_is_not_renewed(self):
        given = enroll(create().token).certificate
        client = holder("revoked", given.certificate, KEY)
        self.addCleanup(client.close)
        node.reread_roles(lambda: outcome(client.node_status) == "OK")
        node.database.file("sql/admin/certificate_revoke.sql", serial=given.serial,
                           principal=given.identity, reason="essai")
        node.reread_roles(lambda: outcome(client.node_status)
                          == "UNAUTHENTICATED/CERTIFICATE_REVOKED")
        self.assertEqual(refused(client.enrol, "RenewCertificate",
                                 certificate_request=KEY.request()),
                         "UNAUTHENTICATED/CERTIFICATE_REVOKED")


class NotOffered(unittest.TestCase):
    def test_enrolment__a_node_without_an_issuer_says_so(self):
        plain = Node(issuing=False)
        self.addCleanup(plain.stop)
        client = plain.client()
        self.addCleanup(client.close)
        stranger = Client(plain, None, port=plain.enrolment_port)
        self.addCleanup(stranger.close)
        wanted = "FAILED_PRECONDITION/ENROLMENT_NOT_OFFERED"
        self.assertEqual(outcome(client.enrol, "CreateEnrolment", **creation()), wanted)
        self.assertEqual(outcome(client.enrol, "RenewCertificate",
                                 certificate_request=KEY.request()), wanted)
        self.assertEqual(outcome(stranger.enrol, "Enroll", token="x",
                                 certificate_request=KEY.request()), wanted)


class SecondWall(unittest.TestCase):
    """The database, without the server in front of it."""

    def test_enrolment__cpts_app_gives_no_role_and_signs_nothing(self):
        for sql in ("INSERT INTO cpts.principal_role (principal, role, scope)"
                    " VALUES ('spiffe://a/b', 'OPERATOR', '*');",
                    "INSERT INTO cpts.certificate SELECT * FROM cpts.certificate;",
                    "UPDATE cpts.enrolment SET roles = '{OPERATOR}';",
                    "SELECT cpts.certificate_again('x', gen_random_uuid(), '', NULL);"):
            with self.subTest(sql=sql), self.assertRaises(psql.SqlError) as caught:
                node.database.query("SET ROLE cpts_app; SELECT set_config('app.scope', '*', false);"
                                    + sql)
            self.assertEqual(caught.exception.sqlstate, "42501")

    def test_enrolment__a_stranger_sees_nothing(self):
        create()
        rows = node.database.query(
            "SET ROLE cpts_app; SELECT set_config('app.scope', '', false);"
            "SELECT count(*) FROM cpts.enrolment; SELECT count(*) FROM cpts.certificate;")
        self.assertEqual(rows[-2:], [["0"], ["0"]])


if __name__ == "__main__":
    psql.main()
