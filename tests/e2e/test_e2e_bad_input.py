# SPDX-License-Identifier: Apache-2.0
"""Every bad input: refused with its own status, reason and field, nothing
stored, nothing leaked, the server alive."""
import itertools
import re
import time
import unittest
import uuid

import grpc
from node import (CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, creation, entry, health_pb2, psql,
                  reference_pb2, refusal, registry_pb2, stage, unit)

# What a caller must never read: statements, names of our database, files.
LEAK = re.compile(r"(?i)\b(select|insert into|update \w+ set|relation|constraint|syntax|sqlstate|"
                  r"libpq|pg_\w+|cpts\.(cpts|log|may|known|unit)_?\w*)\b|"
                  r"/tmp|/home|/usr|\.(c|h|sql):\d")
CREATE = "/cpts.v1.RegistryService/CreateCpts"
GET = "/cpts.v1.RegistryService/GetCpts"
FUTURE = "2199-12-31"
MALFORMED_DATES = ("2020-13-01", "2020-02-30", "2021-02-29", "2020-00-10", "2020-01-00", "20200101",
                   "2020-1-1", "2020-01-01T00:00:00Z", "01/02/2020", "0000-00-00", "demain",
                   " 2020-01-01", "２０２０-01-01", "-infinity", "1899-12-31", "2201-01-01")
MALFORMED_UUIDS = ("x", str(uuid.uuid4())[:-1], str(uuid.uuid4()) + "0", uuid.uuid4().hex,
                   "{" + str(uuid.uuid4()) + "}", str(uuid.uuid4()).replace("-", "_"), "é" * 18)
LIVE = ("EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE")
EXITS = ("ABANDONNE", "FUSIONNE", "DISSOUS", "NON_RENOUVELE")
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client("operator")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def length_delimited(number, payload):
    """One field of wire type 2, as protobuf writes it."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class BadInput(unittest.TestCase):
    def refused(self, wanted, function, *arguments, **named):
        """wanted: 'STATUS', 'STATUS/REASON' or 'STATUS/REASON field'."""
        before = node.fingerprint()
        refused = refusal(function, *arguments, **named)
        found = refused.status + (f"/{refused.reason}" if refused.reason else "")
        found += f" {refused.field}" if refused.field else ""
        self.assertEqual(found, wanted, refused)
        self.assertEqual(node.fingerprint(), before, "something was stored")
        self.assertIsNone(LEAK.search(refused.message), refused)
        self.assertEqual(client.health.Check(health_pb2.HealthCheckRequest(),
                                             timeout=CALL_TIMEOUT_S).status, 1)
        node.check_alive()
        return refused

    def all_refused(self, wanted, function, field, values):
        for value in values:
            with self.subTest(**{field: value}):
                self.refused(wanted, function, **{field: value})


class Peer(BadInput):
    def refused_to(self, certificate, wanted):
        peer = node.client(certificate)
        self.addCleanup(peer.close)
        return self.refused(wanted, peer.create)

    def test_bad_input__no_certificate(self):
        self.refused_to(None, "UNAVAILABLE")

    def test_bad_input__certificate_of_a_foreign_ca(self):
        self.refused_to("foreign", "UNAVAILABLE")

    def test_bad_input__expired_certificate(self):
        self.refused_to("expired", "UNAVAILABLE")

    def test_bad_input__two_uri_sans(self):
        self.refused_to("two-uris", "UNAUTHENTICATED/IDENTITY_NOT_UNIQUE")

    def test_bad_input__no_uri_san(self):
        self.refused_to("no-uri", "UNAUTHENTICATED/NO_IDENTITY")

    def test_bad_input__other_trust_domain(self):
        self.refused_to("other-domain", "UNAUTHENTICATED/IDENTITY_MALFORMED")

    def test_bad_input__identity_without_a_role(self):
        self.refused_to("nobody", "PERMISSION_DENIED/UNKNOWN_IDENTITY")

    def test_bad_input__role_that_may_not(self):
        self.refused_to("analyst", "PERMISSION_DENIED/ROLE_NOT_ALLOWED")

    def test_bad_input__scope_that_does_not_reach(self):
        agent = node.client("agent")
        self.addCleanup(agent.close)
        self.refused("PERMISSION_DENIED/OUT_OF_SCOPE", agent.create, lead_region=OTHER_REGION)

    def test_bad_input__without_tls(self):
        with grpc.insecure_channel(f"127.0.0.1:{node.port}") as channel:
            self.refused("UNAVAILABLE", channel.unary_unary(CREATE), b"", timeout=CALL_TIMEOUT_S)


class Wire(BadInput):
    def test_bad_input__unknown_method_at_once(self):
        for method in ("/cpts.v1.RegistryService/DropCpts", "/cpts.v2.RegistryService/GetCpts",
                       "/GetCpts", "/x" + "y" * 1000):
            with self.subTest(method=method[:40]):
                started = time.monotonic()
                self.refused("UNIMPLEMENTED/UNKNOWN_METHOD", client.raw, method, b"")
                self.assertLess(time.monotonic() - started, CALL_TIMEOUT_S)

    def test_bad_input__missing_deadline(self):
        self.refused("INVALID_ARGUMENT/DEADLINE_REQUIRED", client.raw, CREATE,
                     creation().SerializeToString(), timeout=None)

    def test_bad_input__oversized_message(self):
        """Beyond what nodes may send one another C-core itself refuses it, before the server
        could give a reason."""
        self.refused("RESOURCE_EXHAUSTED/MESSAGE_TOO_LARGE", client.create, name="x" * (2 << 20))
        self.refused("RESOURCE_EXHAUSTED", client.create, name="x" * (5 << 20))

    def test_bad_input__oversized_metadata(self):
        peer = node.client("operator")
        self.addCleanup(peer.close)
        self.refused("RESOURCE_EXHAUSTED", peer.raw, CREATE, creation().SerializeToString(),
                     metadata=[("x-long", "x" * 100_000)])

    def test_bad_input__message_that_needs_too_much_memory(self):
        self.refused("RESOURCE_EXHAUSTED/MESSAGE_TOO_COMPLEX", client.raw, CREATE,
                     length_delimited(5, b"") * 400_000)

    def test_bad_input__deeply_nested_groups(self):
        self.refused("INVALID_ARGUMENT/MALFORMED_MESSAGE", client.raw, CREATE,
                     b"\x9b\x06" * 200_000 + b"\x9c\x06" * 200_000)

    def test_bad_input__deeply_nested_messages(self):
        """No request type is recursive: what nests deeper is one unknown field,
        never descended into. The rest of the request decides."""
        nested = b""
        for _ in range(20_000):
            nested = length_delimited(4, nested)
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED name", client.raw, CREATE, nested)

    def test_bad_input__text_that_is_not_utf8(self):
        for text in (b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"):
            for wanted, message in (("name", length_delimited(2, text)),
                                    ("territory[1].unit_code", length_delimited(5, b"")
                                     + length_delimited(5, length_delimited(1, text)))):
                with self.subTest(text=text, field=wanted):
                    self.refused(f"INVALID_ARGUMENT/INVALID_UTF8 {wanted}", client.raw, CREATE,
                                 message)

    def test_bad_input__text_with_nul(self):
        self.refused("INVALID_ARGUMENT/INVALID_UTF8 id", client.raw, GET,
                     length_delimited(1, str(uuid.uuid4()).encode() + b"\0'"))

    def test_bad_input__bytes_that_are_no_message(self):
        for message in (b"\xff" * 40, b"\x0a\x7f", b"\x0a", b"\x00",
                        creation().SerializeToString()[:-3]):
            with self.subTest(message=message[:8]):
                self.refused("INVALID_ARGUMENT/MALFORMED_MESSAGE", client.raw, CREATE, message)

    def test_bad_input__field_of_another_type(self):
        for field, message in (("command_id", b"\x08\x01"),
                               ("stages[0].stage", b"\x22\x02\x0a\x00")):
            with self.subTest(field=field):
                self.refused(f"INVALID_ARGUMENT/MALFORMED_MESSAGE {field}", client.raw, CREATE,
                             message)

    def test_bad_input__compressed_message(self):
        self.refused("UNIMPLEMENTED", client.raw, CREATE, creation(
            name="x" * 200).SerializeToString() * 20, compression=grpc.Compression.Gzip)

    def test_bad_input__empty_message(self):
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED name", client.raw, CREATE, b"")
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED id", client.raw, GET, b"")

    def test_bad_input__messages_shown_back_stay_utf8(self):
        """What is cut for a sentence is never cut inside a character."""
        self.refused("INVALID_ARGUMENT/UNKNOWN_UNIT territory[0].unit_code", client.create,
                     territory=[unit("x" + "é" * 30)])
        made = client.create()
        self.refused("INVALID_ARGUMENT/FIELD_INVALID update_mask", client.update, id=made.id,
                     expected_version=1, update_mask={"paths": ["x" + "é" * 60]})


class Create(BadInput):
    def test_bad_input__name(self):
        self.all_refused("INVALID_ARGUMENT/FIELD_REQUIRED name", client.create, "name",
                         ("", " ", " " * 200))
        self.all_refused("INVALID_ARGUMENT/FIELD_INVALID name", client.create, "name",
                         ("x" * 201, "é" * 201, "a\nb", "a\tb", "\x01", "a\x7fb", "a\x85b"))
        client.create(name="é" * 200)

    def test_bad_input__finess(self):
        self.all_refused("INVALID_ARGUMENT/FIELD_INVALID finess", client.create, "finess",
                         ("12345678", "1234567890", "12345678X", "2C1234567", "2B 123456",
                          "１２３", "'; --    "))

    def test_bad_input__website(self):
        self.all_refused("INVALID_ARGUMENT/FIELD_INVALID website", client.create, "website",
                         ("exemple.fr", "ftp://exemple.fr", "javascript:alert(1)", "https://",
                          "http://", "https://a b", "https://a\n", "https://" + "a" * 193))

    def test_bad_input__lead_region(self):
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED lead_region", client.create, lead_region="")
        # Saint-Pierre-et-Miquelon (975) has no ARS.
        self.all_refused("INVALID_ARGUMENT/UNKNOWN_REGION lead_region", client.create,
                         "lead_region", ("98", "975", "1", "011", "Bretagne", "' OR 1=1"))

    def test_bad_input__command_id(self):
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED command_id", client.create, command_id="")
        self.all_refused("INVALID_ARGUMENT/FIELD_INVALID command_id", client.create,
                         "command_id", MALFORMED_UUIDS)

    def test_bad_input__command_id_reused_with_other_content(self):
        command_id = str(uuid.uuid4())
        made = client.create(command_id=command_id)
        wanted = "ALREADY_EXISTS/COMMAND_ID_REUSED command_id"
        self.refused(wanted, client.create, command_id=command_id, name="Autre")
        self.refused(wanted, client.update, command_id=command_id, id=made.id,
                     expected_version=1, update_mask={"paths": ["name"]}, name="Autre")
        self.refused(wanted, client.record, command_id=command_id, id=made.id,
                     expected_version=1, stage=2, effective_on="2021-01-01")
        self.refused(wanted, client.record, command_id=command_id, id=made.id,
                     expected_version=1, stage=5, effective_on="2021-01-01")
        self.refused(wanted, client.settle, command_id=command_id, id=made.id,
                     expected_version=1, effective_on="2021-01-01", territory=[unit("44109")])

    def test_bad_input__stage_history(self):
        first = entry("EMERGENCE", "2020-01-15")

        def unknown(number):
            return registry_pb2.StageEntry(stage=number, effective_on="2021-01-01")
        for wanted, stages in (
                ("FIELD_REQUIRED stages", []),
                ("FIELD_INVALID stages", [first] * 9),
                ("STAGE_ORDER_INVALID stages[0].stage", [entry("ACI_SIGNE", "2020-01-15")]),
                ("STAGE_ORDER_INVALID stages[0].stage", [entry("DISSOUS", "2020-01-15")]),
                ("STAGE_ORDER_INVALID stages[0].stage", [unknown(0)]),
                ("STAGE_ORDER_INVALID stages[1].stage", [first, unknown(99)]),
                ("STAGE_ORDER_INVALID stages[1].stage", [first, unknown(-1)]),
                ("STAGE_ORDER_INVALID stages[1].stage", [first, entry("EMERGENCE", "2021-01-01")]),
                ("STAGE_ORDER_INVALID stages[1].stage",
                 [first, entry("PROJET_VALIDE", "2021-01-01")]),
                ("STAGE_ORDER_INVALID stages[2].stage",
                 [first, entry("ABANDONNE", "2021-01-01"), entry("ABANDONNE", "2022-01-01")]),
                ("STAGE_ORDER_INVALID stages[1].effective_on",
                 [first, entry("LETTRE_INTENTION", "2020-01-15")]),
                ("STAGE_ORDER_INVALID stages[1].effective_on",
                 [first, entry("LETTRE_INTENTION", "2019-01-15")]),
                ("FIELD_REQUIRED stages[0].effective_on", [entry("EMERGENCE", "")]),
                ("DATE_IN_FUTURE stages[0].effective_on", [entry("EMERGENCE", FUTURE)]),
                ("SUCCESSOR_INVALID stages[1].successor_id",
                 [first, entry("FUSIONNE", "2021-01-01")]),
                ("SUCCESSOR_INVALID stages[1].successor_id",
                 [first, entry("FUSIONNE", "2021-01-01", "x")]),
                ("SUCCESSOR_INVALID stages[0].successor_id",
                 [entry("EMERGENCE", "2020-01-15", str(uuid.uuid4()))])):
            with self.subTest(wanted=wanted):
                self.refused(f"INVALID_ARGUMENT/{wanted}", client.create, stages=stages)
        for date in MALFORMED_DATES:
            with self.subTest(date=date):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID stages[0].effective_on",
                             client.create, stages=[entry("EMERGENCE", date)])


class Territory(BadInput):
    """The same of CreateCpts and of SetTerritory."""

    def setUp(self):
        made = client.create().id

        def settle(territory):
            return client.settle(id=made, expected_version=1, effective_on="2021-01-01",
                                 territory=territory)
        self.calls = (lambda territory: client.create(territory=territory)), settle

    def check(self, wanted, territory):
        for call in self.calls:
            self.refused(f"INVALID_ARGUMENT/{wanted}", call, territory)

    def test_bad_input__share_out_of_range(self):
        for share in (0.0, -0.0, -0.1, 1.5, 1.0000001, float("nan"), float("inf"), -float("inf")):
            with self.subTest(share=share):
                self.check("SHARE_OUT_OF_RANGE territory[1].share",
                           [unit("44109"), unit("78646", share)])

    def test_bad_input__unknown_unit(self):
        for code in ("99999", "", "1001", "2a004", "Nantes", "44109 ", "44109'", "x" * 5000):
            with self.subTest(code=code[:20]):
                self.check("UNKNOWN_UNIT territory[1].unit_code", [unit("78646"), unit(code)])

    def test_bad_input__repeated_unit(self):
        (old, new), = node.database.query(
            "SELECT old_code, unit_code FROM cpts.unit_old_code ORDER BY old_code LIMIT 1;")
        for codes in (("44109", "44109"), (old, new), (old, old), ("75056", "75111"),
                      ("75056", "75056")):
            with self.subTest(codes=codes):
                self.check("UNIT_REPEATED territory", [unit(code, 0.5) for code in codes])

    def test_bad_input__too_many_units(self):
        codes = [code for code, in node.database.query(
            "SELECT code FROM cpts.territory_unit WHERE is_leaf AND code > '76' LIMIT 2001;")]
        self.check("FIELD_INVALID territory", [unit(code) for code in codes])
        self.check("FIELD_INVALID territory",
                   [unit(code) for code in ["75056", *codes[:1990]]])


class Target(BadInput):
    """What every command about an existing CPTS says of its id and version."""

    def setUp(self):
        self.made = client.create().id
        self.commands = (
            (client.update, {"update_mask": {"paths": ["name"]}, "name": "Autre"}),
            (client.record, {"stage": stage("LETTRE_INTENTION"), "effective_on": "2021-01-01"}),
            (client.record, {"stage": stage("DISSOUS"), "effective_on": "2021-01-01"}),
            (client.settle, {"effective_on": "2021-01-01", "territory": [unit("44109")]}))

    def check(self, wanted, **changes):
        for call, fields in self.commands:
            with self.subTest(call=call.__name__, stage=fields.get("stage"), **changes):
                self.refused(wanted, call,
                             **{"id": self.made, "expected_version": 1, **fields, **changes})

    def test_bad_input__unknown_cpts(self):
        absent = str(uuid.uuid4())
        self.check("NOT_FOUND/CPTS_NOT_FOUND id", id=absent)
        self.refused("NOT_FOUND/CPTS_NOT_FOUND id", client.get, absent)

    def test_bad_input__malformed_id(self):
        self.check("INVALID_ARGUMENT/FIELD_REQUIRED id", id="")
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED id", client.get, "")
        for malformed in MALFORMED_UUIDS:
            self.check("INVALID_ARGUMENT/FIELD_INVALID id", id=malformed)
            self.refused("INVALID_ARGUMENT/FIELD_INVALID id", client.get, malformed)

    def test_bad_input__missing_expected_version(self):
        for version in (0, -1, -2147483648):
            self.check("INVALID_ARGUMENT/FIELD_REQUIRED expected_version",
                       expected_version=version)

    def test_bad_input__stale_version(self):
        client.update(id=self.made, expected_version=1, update_mask={"paths": ["name"]}, name="B")
        for version in (1, 3, 2147483647):
            self.check("ABORTED/STALE_VERSION expected_version", expected_version=version)

    def test_bad_input__command_id(self):
        self.check("INVALID_ARGUMENT/FIELD_REQUIRED command_id", command_id="")
        self.check("INVALID_ARGUMENT/FIELD_INVALID command_id", command_id="x")

    def test_bad_input__record_of_another_node(self):
        node.database.query(
            "INSERT INTO cpts.node VALUES ('region/94', 'corse.example:8443');"
            "INSERT INTO cpts.region_owner VALUES ('94', 'region/94', 2);"
            f"UPDATE cpts.cpts SET owner_node = 'region/94' WHERE cpts_id = '{self.made}';")
        self.check("FAILED_PRECONDITION/NOT_OWNER")
        refused = self.refused("FAILED_PRECONDITION/NOT_OWNER", client.create, lead_region="94")
        self.assertEqual(refused.detail, "region/94 corse.example:8443")


class Update(BadInput):
    def setUp(self):
        self.made = client.create().id

    def check(self, wanted, paths, **fields):
        with self.subTest(paths=paths, **fields):
            self.refused(f"INVALID_ARGUMENT/{wanted}", client.update, id=self.made,
                         expected_version=1, update_mask=paths and {"paths": paths}, **fields)

    def test_bad_input__empty_mask(self):
        self.check("FIELD_REQUIRED update_mask", None, name="x")
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED update_mask", client.update, id=self.made,
                     expected_version=1, update_mask={}, name="x")

    def test_bad_input__unknown_mask_path(self):
        for path in ("stage", "lead_region", "synthetic", "", "*", "name.x", "Name", "name,finess"):
            self.check("FIELD_INVALID update_mask", ["name", path], name="x")

    def test_bad_input__bad_values(self):
        self.check("FIELD_REQUIRED name", ["name"], name="")
        self.check("FIELD_INVALID name", ["name"], name="x" * 201)
        self.check("FIELD_INVALID finess", ["finess"], finess="x")
        self.check("FIELD_INVALID website", ["website"], website="x")


class Stages(BadInput):
    def at(self, name, on="2020-01-15"):
        """Id and version of a CPTS whose last stage is this one."""
        path = LIVE if name == "NON_RENOUVELE" else LIVE[:LIVE.index(name) + 1] if name in LIVE \
            else LIVE[:1]
        stages = [entry(step, f"20{10 + index}-01-15") for index, step in enumerate(path)]
        if name in EXITS:
            stages.append(entry(name, "2014-06-01",
                                str(uuid.uuid4()) if name == "FUSIONNE" else ""))
        # A small share: validated CPTS may not claim more than one together.
        return client.create(stages=stages, territory=[unit("78646", 0.001)]).id

    def record(self, cpts_id, name, **fields):
        fields = {"id": cpts_id, "expected_version": 1, "stage": stage(name),
                  "effective_on": "2022-02-02", **fields}
        if name == "FUSIONNE":
            fields.setdefault("successor_id", str(uuid.uuid4()))
        return client.record(**fields)

    def test_bad_input__every_illegal_step(self):
        legal = set(zip(LIVE, LIVE[1:])) | set(itertools.product(LIVE, EXITS[:3]))
        legal.add(("ACI_SIGNE", "NON_RENOUVELE"))
        for step in itertools.product(LIVE + EXITS, LIVE + EXITS):
            with self.subTest(step=step):
                made = self.at(step[0])
                if step in legal:
                    self.assertEqual(self.record(made, step[1]).version, 2)
                else:
                    self.refused("FAILED_PRECONDITION/ILLEGAL_STAGE_STEP stage", self.record, made,
                                 step[1])
        self.assertEqual(len(legal), 16)

    def test_bad_input__date_not_after_the_current_stage(self):
        made = client.create().id
        for name in ("LETTRE_INTENTION", "ABANDONNE", "FUSIONNE"):
            for date in ("2020-01-14", "2020-01-15"):
                self.refused("FAILED_PRECONDITION/STAGE_DATE_BEFORE_CURRENT effective_on",
                             self.record, made, name, effective_on=date)

    def test_bad_input__date_in_the_future_or_malformed(self):
        made = client.create().id
        for name in ("LETTRE_INTENTION", "ABANDONNE"):
            self.refused("INVALID_ARGUMENT/DATE_IN_FUTURE effective_on", self.record, made, name,
                         effective_on=FUTURE)
            self.refused("INVALID_ARGUMENT/FIELD_REQUIRED effective_on", self.record, made, name,
                         effective_on="")
        for date in MALFORMED_DATES:
            with self.subTest(date=date):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID effective_on", self.record, made,
                             "LETTRE_INTENTION", effective_on=date)

    def test_bad_input__stage_not_stated_or_unknown(self):
        made = client.create().id
        for number in (0, 9, 99, -1, 2147483647):
            with self.subTest(stage=number):
                self.refused("INVALID_ARGUMENT/FIELD_REQUIRED stage", client.record, id=made,
                             expected_version=1, stage=number, effective_on="2021-01-01")

    def test_bad_input__successor(self):
        made = client.create().id
        wanted = "INVALID_ARGUMENT/SUCCESSOR_INVALID successor_id"
        for successor in ("", "x", made, made.upper()):
            with self.subTest(successor=successor):
                self.refused(wanted, self.record, made, "FUSIONNE", successor_id=successor)
        self.refused(wanted, self.record, made, "ABANDONNE", successor_id=str(uuid.uuid4()))
        self.refused(wanted, self.record, made, "LETTRE_INTENTION",
                     successor_id=str(uuid.uuid4()))

    def test_bad_input__territory_of_an_ended_cpts(self):
        for name in EXITS:
            with self.subTest(stage=name):
                self.refused("FAILED_PRECONDITION/CPTS_ENDED id", client.settle, id=self.at(name),
                             expected_version=1, effective_on="2015-01-01",
                             territory=[unit("44109")])

    def test_bad_input__territory_dates(self):
        made = client.create().id

        def settle(date, territory=(unit("44109"),)):
            return client.settle(id=made, expected_version=1, effective_on=date,
                                 territory=territory)
        self.refused("FAILED_PRECONDITION/TERRITORY_DATE_BEFORE_CREATION effective_on", settle,
                     "2020-01-14")
        self.refused("INVALID_ARGUMENT/DATE_IN_FUTURE effective_on", settle, FUTURE)
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED effective_on", settle, "")
        for date in MALFORMED_DATES:
            with self.subTest(date=date):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID effective_on", settle, date)
        self.refused("INVALID_ARGUMENT/FIELD_REQUIRED territory", settle, "2021-01-01", ())


class Reads(BadInput):
    def test_bad_input__dates_and_instants(self):
        made = client.create().id
        for read in (lambda **when: client.get(made, **when), client.list, client.cover):
            for date in MALFORMED_DATES:
                with self.subTest(date=date):
                    self.refused("INVALID_ARGUMENT/FIELD_INVALID as_of", read, as_of=date)
            for instant in ({"seconds": 10 ** 15}, {"seconds": -10 ** 15}, {"nanos": -1},
                            {"nanos": 10 ** 9}, {"seconds": 2 ** 63 - 1}):
                with self.subTest(instant=instant):
                    self.refused("INVALID_ARGUMENT/FIELD_INVALID known_at", read,
                                 known_at=instant)

    def test_bad_input__list_filter(self):
        for wanted, fields in (
                ("UNKNOWN_REGION region", {"region": "98"}),
                ("UNKNOWN_REGION region", {"region": "' OR ''='"}),
                ("UNKNOWN_DEPARTMENT department", {"department": "99"}),
                ("UNKNOWN_DEPARTMENT department", {"department": "1"}),
                ("UNKNOWN_UNIT commune", {"commune": "99999"}),
                ("FIELD_INVALID stages", {"stages": [0]}),
                ("FIELD_INVALID stages", {"stages": [1, 99]}),
                ("FIELD_INVALID stages", {"stages": [-1]}),
                ("FIELD_INVALID page_size", {"page_size": -1}),
                ("FIELD_INVALID page_size", {"page_size": 501}),
                ("FIELD_INVALID page_size", {"page_size": 2147483647}),
                ("PAGE_TOKEN_INVALID page_token", {"page_token": "x"}),
                ("PAGE_TOKEN_INVALID page_token", {"page_token": "0" * 70}),
                ("PAGE_TOKEN_INVALID page_token",
                 {"page_token": f"{'0' * 16}.{uuid.uuid4()}.{'0' * 16}"})):
            with self.subTest(**fields):
                self.refused(f"INVALID_ARGUMENT/{wanted}", client.list, **fields)

    def test_bad_input__coverage_question(self):
        for wanted, fields in (
                ("UNKNOWN_REGION region", {"region": "98"}),
                ("UNKNOWN_REGION region", {"region": "975"}),
                ("UNKNOWN_DEPARTMENT department", {"department": "99"}),
                ("FIELD_INVALID department", {"region": REGION, "department": "75"}),
                ("FIELD_INVALID stages", {"stages": [stage("ABANDONNE")]}),
                ("FIELD_INVALID stages", {"stages": [0]}),
                ("FIELD_INVALID stages", {"stages": [99]})):
            with self.subTest(**fields):
                self.refused(f"INVALID_ARGUMENT/{wanted}", client.cover, **fields)

    def test_bad_input__regions_page(self):
        def regions(**fields):
            return client.reference.ListRegions(reference_pb2.ListRegionsRequest(**fields),
                                                timeout=CALL_TIMEOUT_S)
        for size in (-1, 101):
            with self.subTest(page_size=size):
                self.refused("INVALID_ARGUMENT/FIELD_INVALID page_size", regions, page_size=size)
        for token in ("x", "98", "' OR ''='"):
            with self.subTest(page_token=token):
                self.refused("INVALID_ARGUMENT/PAGE_TOKEN_INVALID page_token", regions,
                             page_token=token)


if __name__ == "__main__":
    psql.main()
