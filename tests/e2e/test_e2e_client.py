# SPDX-License-Identifier: Apache-2.0
"""Every RPC as an ordinary client sees it: Debian's grpcio over mutual TLS."""
import datetime
import hashlib
import time
import unittest
import uuid

import grpc
from node import (CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, change_pb2, coverage_pb2, creation,
                  entry, health_pb2, psql, reference_pb2, refusal, stage, unit, uri_of)

VERSAILLES, NANTES, ROCHE, PARIS, TINY = "78646", "44109", "85191", "75056", "01001"
OLD_CODE = NEW_CODE = node = client = None


def setUpModule():
    global node, client, OLD_CODE, NEW_CODE
    node = Node()
    client = node.client("operator")
    (OLD_CODE, NEW_CODE), = node.database.query(
        "SELECT old_code, unit_code FROM cpts.unit_old_code ORDER BY old_code LIMIT 1;")


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def instant(message):
    return message.ToMicroseconds()


class Registry(unittest.TestCase):
    def test_node_status__node_caller_and_database(self):
        status = node.client("agent").node_status()
        self.assertEqual((status.node, status.scope, list(status.roles)),
                         ("national", "region:11", ["ARS_AGENT"]))
        self.assertEqual(status.population_vintage, 2026)
        self.assertTrue(status.database_version.startswith("15"))
        self.assertGreater(status.certificate_not_after.seconds, status.time.seconds)
        self.assertGreaterEqual(status.time.seconds, status.started_at.seconds)
        self.assertEqual([lane.name for lane in status.lanes], ["read", "write", "slow", "trace"])
        self.assertTrue(all(lane.connected for lane in status.lanes))
        self.assertEqual(status.log_position,
                         int(node.database.value("SELECT count(*) FROM cpts.change_log")))

    def test_client__created_cpts_is_read_back_whole(self):
        done = client.create(name="CPTS « Été » 🌻 de l'Œuvre", lead_region=OTHER_REGION,
                             finess="440012345", website="https://exemple.fr/é",
                             stages=[entry("EMERGENCE", "2020-01-15"),
                                     entry("LETTRE_INTENTION", "2020-09-01")],
                             territory=[unit(ROCHE), unit(NANTES, 0.25)])
        self.assertEqual((done.version, done.replayed, list(done.warnings)), (1, False, []))
        self.assertEqual(uuid.UUID(done.id).version, 7)
        cpts = client.get(done.id)
        self.assertEqual(
            (cpts.id, cpts.version, cpts.name, cpts.lead_region, cpts.stage, cpts.stage_on),
            (done.id, 1, "CPTS « Été » 🌻 de l'Œuvre", OTHER_REGION, stage("LETTRE_INTENTION"),
             "2020-09-01"))
        self.assertEqual((cpts.finess, cpts.website, cpts.owner_node, cpts.epoch, cpts.synthetic),
                         ("440012345", "https://exemple.fr/é", "national", 1, True))
        self.assertEqual([(one.stage, one.effective_on) for one in cpts.stages],
                         [(stage("EMERGENCE"), "2020-01-15"),
                          (stage("LETTRE_INTENTION"), "2020-09-01")])
        self.assertEqual([(one.unit_code, one.share, one.name) for one in cpts.territory],
                         [(NANTES, 0.25, "Nantes"), (ROCHE, 1.0, "La Roche-sur-Yon")])
        whole = {one.unit_code: one.population_count for one in cpts.territory}
        self.assertEqual(cpts.population_count, round(whole[NANTES] * 0.25 + whole[ROCHE]))

    def test_client__timestamps_are_now(self):
        cpts = client.get(client.create().id)
        self.assertEqual(cpts.created_at, cpts.updated_at)
        self.assertEqual(cpts.stages[0].recorded_at, cpts.created_at)
        self.assertLess(abs(cpts.created_at.ToSeconds() - time.time()), 60)

    def test_client__log_positions_follow_each_other(self):
        first, second = client.create(), client.create()
        self.assertEqual(second.log_position, first.log_position + 1)

    def test_client__update_changes_what_the_mask_names(self):
        made = client.create(finess="750000001", website="https://a.fr")
        done = client.update(id=made.id, expected_version=1, update_mask={"paths": ["name"]},
                             name="Autre nom", finess="999999999", website="https://b.fr")
        self.assertEqual((done.version, done.replayed, done.log_position),
                         (2, False, made.log_position + 1))
        cpts = client.get(made.id)
        self.assertEqual((cpts.version, cpts.name, cpts.finess, cpts.website),
                         (2, "Autre nom", "750000001", "https://a.fr"))
        self.assertGreater(instant(cpts.updated_at), instant(cpts.created_at))

    def test_client__update_with_empty_value_removes_it(self):
        made = client.create(finess="750000001", website="https://a.fr")
        client.update(id=made.id, expected_version=1,
                      update_mask={"paths": ["finess", "website"]})
        cpts = client.get(made.id)
        self.assertEqual((cpts.finess, cpts.website, cpts.name), ("", "", "CPTS d'essai"))

    def test_client__stages_are_recorded_in_order(self):
        made = client.create()
        for version, (name, on) in enumerate([("LETTRE_INTENTION", "2021-01-01"),
                                              ("PROJET_VALIDE", "2021-01-02"),
                                              ("ACI_SIGNE", "2022-03-04"),
                                              ("NON_RENOUVELE", "2025-03-04")], start=1):
            done = client.record(id=made.id, expected_version=version, stage=stage(name),
                                 effective_on=on)
            self.assertEqual(done.version, version + 1)
        cpts = client.get(made.id)
        self.assertEqual((cpts.stage, cpts.stage_on, len(cpts.stages)),
                         (stage("NON_RENOUVELE"), "2025-03-04", 5))
        self.assertEqual(list(cpts.territory), [], "a way out ends the territory")
        before = client.get(made.id, as_of="2025-03-03")
        self.assertEqual([one.unit_code for one in before.territory], [VERSAILLES])

    def test_client__fusion_names_its_successor(self):
        successor, made = client.create(), client.create()
        client.record(id=made.id, expected_version=1, stage=stage("FUSIONNE"),
                      effective_on="2024-01-01", successor_id=successor.id)
        self.assertEqual(client.get(made.id).stages[-1].successor_id, successor.id)

    def test_client__territory_is_replaced_from_a_date_on(self):
        made = client.create(territory=[unit(VERSAILLES)])
        done = client.settle(id=made.id, expected_version=1, effective_on="2023-06-01",
                             territory=[unit(NANTES, 0.5)])
        self.assertEqual((done.version, [one.reason for one in done.warnings]),
                         (2, ["LEAD_REGION_DIFFERS"]))
        now, before = client.get(made.id), client.get(made.id, as_of="2023-05-31")
        self.assertEqual([(one.unit_code, one.share) for one in now.territory], [(NANTES, 0.5)])
        self.assertEqual([one.unit_code for one in before.territory], [VERSAILLES])
        self.assertEqual(before.population_count, before.territory[0].population_count)


class Warnings(unittest.TestCase):
    def test_client__old_code_is_mapped_and_said(self):
        done = client.create(territory=[unit(VERSAILLES), unit(OLD_CODE)])
        warning, = done.warnings
        self.assertEqual((warning.reason, warning.field),
                         ("OLD_UNIT_CODE", "territory[1].unit_code"))
        self.assertIn(NEW_CODE, warning.message)
        codes = [one.unit_code for one in client.get(done.id).territory]
        self.assertEqual(sorted(codes), sorted([NEW_CODE, VERSAILLES]))

    def test_client__paris_is_recorded_by_arrondissement_and_said(self):
        done = client.create(territory=[unit(PARIS, 0.05)])
        warning, = done.warnings
        self.assertEqual((warning.reason, warning.field),
                         ("UNIT_EXPANDED", "territory[0].unit_code"))
        territory = client.get(done.id).territory
        self.assertEqual(len(territory), 20)
        self.assertEqual({one.share for one in territory}, {0.05})
        self.assertTrue(all(one.unit_code.startswith("751") for one in territory))

    def test_client__population_outside_guidance_is_said_not_refused(self):
        for territory in [unit(TINY)], [unit(NANTES)]:
            found = client.create(territory=territory).warnings
            self.assertIn(("POPULATION_OUTSIDE_GUIDANCE", "territory"),
                          [(warning.reason, warning.field) for warning in found])

    def test_client__set_territory_warns_too(self):
        made = client.create()
        found = client.settle(id=made.id, expected_version=1, effective_on="2023-01-01",
                              territory=[unit(TINY)]).warnings
        self.assertEqual([warning.reason for warning in found],
                         ["POPULATION_OUTSIDE_GUIDANCE", "LEAD_REGION_DIFFERS"])

    def test_client__no_territory_yet_is_no_warning(self):
        done = client.create(territory=[])
        self.assertEqual(list(done.warnings), [])
        self.assertEqual(client.get(done.id).population_count, 0)


class Replay(unittest.TestCase):
    def test_client__create_twice_gives_the_first_outcome(self):
        request = creation(territory=[unit(TINY)])
        first = client.registry.CreateCpts(request, timeout=CALL_TIMEOUT_S)
        again = client.registry.CreateCpts(request, timeout=CALL_TIMEOUT_S)
        self.assertEqual((again.id, again.version, again.log_position, again.replayed),
                         (first.id, first.version, first.log_position, True))
        self.assertEqual(list(again.warnings), list(first.warnings))

    def test_client__each_command_twice_gives_the_first_outcome(self):
        made = client.create()
        for version, (call, fields) in enumerate([
                (client.update, {"update_mask": {"paths": ["name"]}, "name": "B"}),
                (client.record, {"stage": stage("LETTRE_INTENTION"),
                                 "effective_on": "2021-01-01"}),
                (client.settle, {"effective_on": "2021-01-01", "territory": [unit(NANTES)]})],
                start=1):
            fields.update(id=made.id, expected_version=version, command_id=str(uuid.uuid4()))
            first, again = call(**fields), call(**fields)
            self.assertEqual((first.replayed, again.replayed), (False, True))
            self.assertEqual((again.version, again.log_position),
                             (version + 1, first.log_position))
        self.assertEqual(client.get(made.id).version, 4)

    def test_client__replay_still_answers_after_the_cpts_moved_on(self):
        made = client.create()
        fields = {"id": made.id, "expected_version": 1, "command_id": str(uuid.uuid4()),
                  "stage": stage("LETTRE_INTENTION"), "effective_on": "2021-01-01"}
        first = client.record(**fields)
        client.record(id=made.id, expected_version=2, stage=stage("ABANDONNE"),
                      effective_on="2021-06-01")
        again = client.record(**fields)
        self.assertEqual((again.version, again.log_position, again.replayed),
                         (first.version, first.log_position, True))

    def test_client__same_id_of_another_principal_is_another_command(self):
        other = node.client("national")
        self.addCleanup(other.close)
        command_id = str(uuid.uuid4())
        first = client.create(command_id=command_id)
        second = other.create(command_id=command_id)
        self.assertEqual((first.replayed, second.replayed), (False, False))
        self.assertNotEqual(first.id, second.id)


class Log(unittest.TestCase):
    def test_client__change_log_holds_what_was_commanded(self):
        made = client.create(name="Journal")
        command_id = str(uuid.uuid4())
        client.settle(id=made.id, expected_version=1, effective_on="2021-01-01",
                      territory=[unit(OLD_CODE, 0.5)], command_id=command_id)
        rows = node.database.query(
            "SELECT kind, version, actor, encode(bytes, 'hex') FROM cpts.change_log"
            f" WHERE aggregate_id = '{made.id}' ORDER BY local_position;")
        self.assertEqual([row[:3] for row in rows],
                         [["CPTS_CREATED", "1", uri_of("OPERATOR")],
                          ["CPTS_TERRITORY_SET", "2", uri_of("OPERATOR")]])
        created, moved = (change_pb2.Change.FromString(bytes.fromhex(row[3])) for row in rows)
        self.assertEqual((created.schema_version, created.aggregate_id, created.actor,
                          created.cpts_created.name),
                         (1, made.id, uri_of("OPERATOR"), "Journal"))
        self.assertEqual((moved.command_id, moved.cpts_territory_set.territory[0].unit_code),
                         (command_id, NEW_CODE))

    def test_client__chain_of_the_log_adds_up(self):
        for _ in range(3):
            client.create()
        previous, wanted = bytes(32), 1
        for position, origin, data, prev_hash, found in node.database.query(
                "SELECT local_position, origin_position, encode(bytes, 'hex'),"
                " encode(prev_hash, 'hex'), encode(hash, 'hex') FROM cpts.change_log ORDER BY 1;"):
            self.assertEqual((int(position), int(origin)), (wanted, wanted), "a gap")
            self.assertEqual(prev_hash, previous.hex(), position)
            previous = hashlib.sha256(previous + wanted.to_bytes(8, "big")
                                      + bytes.fromhex(data)).digest()
            self.assertEqual(found, previous.hex(), position)
            wanted += 1


class Time(unittest.TestCase):
    def test_client__as_of_shows_the_stage_true_on_that_date(self):
        made = client.create(stages=[entry("EMERGENCE", "2020-01-15"),
                                     entry("LETTRE_INTENTION", "2021-02-03")])
        seen = {on: client.get(made.id, as_of=on) for on in
                ("2020-01-14", "2020-01-15", "2021-02-02", "2021-02-03", "2199-12-31")}
        self.assertEqual([cpts.stage for cpts in seen.values()],
                         [0, stage("EMERGENCE"), stage("EMERGENCE"), stage("LETTRE_INTENTION"),
                          stage("LETTRE_INTENTION")])
        self.assertEqual(seen["2020-01-14"].stage_on, "")
        self.assertEqual(list(seen["2020-01-14"].territory), [])
        self.assertEqual({len(cpts.stages) for cpts in seen.values()}, {2})

    def test_client__known_at_shows_the_stage_believed_then(self):
        made = client.create()
        believed = client.get(made.id).updated_at
        client.record(id=made.id, expected_version=1, stage=stage("LETTRE_INTENTION"),
                      effective_on="2020-06-01")
        then = client.get(made.id, known_at=believed, as_of="2022-01-01")
        now = client.get(made.id, as_of="2022-01-01")
        self.assertEqual((then.stage, len(then.stages)), (stage("EMERGENCE"), 1))
        self.assertEqual((now.stage, len(now.stages)), (stage("LETTRE_INTENTION"), 2))

    def test_client__known_at_shows_the_territory_believed_then(self):
        made = client.create(territory=[unit(VERSAILLES)])
        believed = client.get(made.id).updated_at
        client.settle(id=made.id, expected_version=1, effective_on="2021-01-01",
                      territory=[unit(NANTES, 0.5)])
        corrected = client.get(made.id).updated_at
        client.settle(id=made.id, expected_version=2, effective_on="2021-01-01",
                      territory=[unit(ROCHE)])

        def codes(**when):
            return [one.unit_code for one in client.get(made.id, **when).territory]
        self.assertEqual(codes(as_of="2022-01-01", known_at=believed), [VERSAILLES])
        self.assertEqual(codes(as_of="2022-01-01", known_at=corrected), [NANTES])
        self.assertEqual(codes(as_of="2022-01-01"), [ROCHE])
        self.assertEqual(codes(as_of="2020-12-31"), [VERSAILLES])

    def test_client__before_its_creation_a_cpts_was_not_known(self):
        made = client.create()
        early = client.get(made.id).created_at
        early.FromMicroseconds(early.ToMicroseconds() - 1)
        refused = refusal(client.get, made.id, known_at=early)
        self.assertEqual((refused.status, refused.reason), ("NOT_FOUND", "CPTS_NOT_FOUND"))


class List(unittest.TestCase):
    def ids(self, **fields):
        found, fields = [], {"page_size": 500, **fields}
        while True:
            page = client.list(**fields)
            found += [cpts.id for cpts in page.cpts]
            if not page.next_page_token:
                return found
            fields["page_token"] = page.next_page_token

    def test_client__filters_select(self):
        here = client.create(territory=[unit(VERSAILLES), unit(NANTES, 0.1)]).id
        there = client.create(lead_region=OTHER_REGION, territory=[unit(ROCHE)]).id
        for wanted, fields in (((True, False), {"region": REGION}),
                               ((False, True), {"region": OTHER_REGION}),
                               ((True, False), {"department": "78"}),
                               ((True, False), {"department": "44"}),
                               ((False, True), {"department": "85"}),
                               ((True, False), {"commune": NANTES}),
                               ((False, True), {"commune": ROCHE}),
                               ((False, False), {"region": REGION, "commune": ROCHE}),
                               ((True, True), {"stages": [stage("EMERGENCE")]}),
                               ((False, False), {"stages": [stage("ACI_SIGNE")]}),
                               ((False, False), {"as_of": "2020-01-14"})):
            with self.subTest(**fields):
                found = self.ids(**fields)
                self.assertEqual((here in found, there in found), wanted)

    def test_client__old_code_and_paris_find_their_units(self):
        mapped = client.create(territory=[unit(NEW_CODE)]).id
        quarter = client.create(territory=[unit("75111")]).id
        self.assertIn(mapped, self.ids(commune=OLD_CODE))
        self.assertIn(quarter, self.ids(commune=PARIS))
        self.assertIn(quarter, self.ids(commune="75111"))
        self.assertNotIn(quarter, self.ids(commune="75112"))

    def test_client__ended_cpts_is_listed_when_asked_for(self):
        made = client.create()
        client.record(id=made.id, expected_version=1, stage=stage("DISSOUS"),
                      effective_on="2024-01-01")
        self.assertNotIn(made.id, self.ids())
        self.assertIn(made.id, self.ids(stages=[stage("DISSOUS")]))
        self.assertIn(made.id, self.ids(as_of="2023-12-31"))

    def test_client__listed_cpts_carry_no_history(self):
        made = client.create()
        listed, = [cpts for cpts in client.list(page_size=500, region=REGION).cpts
                   if cpts.id == made.id]
        whole = client.get(made.id)
        self.assertEqual((len(listed.stages), len(listed.territory)), (0, 0))
        del whole.stages[:], whole.territory[:]
        self.assertEqual(listed, whole)

    def test_client__pages_show_one_instant_while_cpts_are_created(self):
        for _ in range(5):
            client.create(lead_region="94")
        before = self.ids(region="94")
        page = client.list(region="94", page_size=2)
        found = [cpts.id for cpts in page.cpts]
        while page.next_page_token:
            client.create(lead_region="94")
            page = client.list(region="94", page_size=2, page_token=page.next_page_token)
            found += [cpts.id for cpts in page.cpts]
        self.assertEqual(found, before)
        self.assertEqual(found, sorted(set(found)))
        self.assertGreater(len(self.ids(region="94")), len(before))

    def test_client__pages_show_one_stage_while_it_moves_on(self):
        made = [client.create(lead_region="93").id for _ in range(3)]
        wanted = {"region": "93", "stages": [stage("EMERGENCE")], "page_size": 1}
        page = client.list(**wanted)
        client.record(id=made[2], expected_version=1, stage=stage("LETTRE_INTENTION"),
                      effective_on="2021-01-01")
        found = [cpts.id for cpts in page.cpts]
        while page.next_page_token:
            page = client.list(page_token=page.next_page_token, **wanted)
            found += [cpts.id for cpts in page.cpts]
        self.assertEqual(found, made)
        self.assertEqual(self.ids(**wanted), made[:2])

    def test_client__token_of_another_filter_is_refused(self):
        for _ in range(2):
            client.create(lead_region="28")
        token = client.list(region="28", page_size=1).next_page_token
        self.assertNotEqual(token, "")
        for fields in ({"region": "32"}, {"region": "28", "stages": [1]}, {},
                       {"region": "28", "as_of": "2020-02-02"}):
            with self.subTest(**fields):
                refused = refusal(client.list, page_token=token, page_size=1, **fields)
                self.assertEqual((refused.status, refused.reason, refused.field),
                                 ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", "page_token"))


class Board(unittest.TestCase):
    def test_client__regions_are_eighteen_and_hold_everyone(self):
        page = client.reference.ListRegions(reference_pb2.ListRegionsRequest(),
                                            timeout=CALL_TIMEOUT_S)
        self.assertEqual(len(page.regions), 18)
        self.assertEqual([one.code for one in page.regions],
                         sorted(one.code for one in page.regions))
        self.assertEqual(sum(one.population_count for one in page.regions), 68350798)
        self.assertEqual(sum(one.commune_count for one in page.regions), 34875)
        self.assertEqual({one.owner_node for one in page.regions}, {"national"})
        self.assertEqual(page.next_page_token, "")

    def test_client__regions_come_in_pages(self):
        codes, token = [], ""
        while True:
            page = client.reference.ListRegions(
                reference_pb2.ListRegionsRequest(page_size=7, page_token=token),
                timeout=CALL_TIMEOUT_S)
            codes += [one.code for one in page.regions]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(len(codes), 18)
        self.assertEqual(codes, sorted(set(codes)))

    def test_client__coverage_counts_a_creation_once(self):
        before = client.cover(region="53")
        rennes = node.database.value(
            "SELECT population_count FROM cpts.territory_unit WHERE code = '35238';")
        for _ in range(2):
            client.create(lead_region="53", territory=[unit("35238", 0.75)])
        after = client.cover(region="53")
        self.assertEqual(after.project_count, before.project_count + 2)
        self.assertEqual(after.population_covered - before.population_covered, int(rennes),
                         "1.5 of a commune counts each inhabitant once")
        self.assertTrue(after.synthetic)
        self.assertEqual((after.target_count, len(after.regions)), (0, 0))

    def test_client__national_coverage_carries_what_defends_it(self):
        client.create()
        board = client.cover(as_of="2024-02-01", stages=[stage("ACI_SIGNE")])
        self.assertEqual((board.target_count, board.population_total, board.as_of,
                          board.population_vintage), (1000, 68350798, "2024-02-01", 2026))
        self.assertEqual((list(board.stage_set), board.definition),
                         ([stage("ACI_SIGNE")], coverage_pb2.COVERAGE_DEFINITION_ACI_SIGNED))
        self.assertEqual([one.definition for one in board.definitions],
                         [coverage_pb2.COVERAGE_DEFINITION_ALL_LIVE,
                          coverage_pb2.COVERAGE_DEFINITION_ACI_SIGNED])
        self.assertEqual(len(board.regions), 18)
        self.assertEqual(sum(one.project_count for one in board.regions), board.project_count)

    def test_client__coverage_knows_what_was_known(self):
        client.create(lead_region="27", territory=[unit(TINY)])
        known_at = client.cover(region="27").known_at
        client.create(lead_region="27", territory=[unit(TINY)])
        self.assertEqual(client.cover(region="27", known_at=known_at).project_count + 1,
                         client.cover(region="27").project_count)

    def test_client__coverage_of_a_departement(self):
        before = client.cover(department="48")
        client.create(lead_region="76", territory=[unit("48095")])
        after = client.cover(department="48")
        self.assertEqual(after.project_count, before.project_count + 1)
        self.assertGreater(after.population_covered, before.population_covered)
        self.assertEqual(list(after.regions), [])


class Transport(unittest.TestCase):
    def test_client__short_deadline_is_exceeded_and_the_server_lives(self):
        writer = psql.Session(node.database.name)
        self.addCleanup(writer.end)
        writer.run("BEGIN; SELECT pg_advisory_xact_lock(cpts.log_lock_key());")
        request = creation(name="sous échéance")
        started = time.monotonic()
        try:
            client.registry.CreateCpts(request, timeout=0.5)
            self.fail("a command was carried out while another writer held the log")
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        self.assertLess(time.monotonic() - started, CALL_TIMEOUT_S)
        self.assertGreater(len(client.list(page_size=1).cpts), 0, "reads go on")
        writer.end("ROLLBACK;")
        first = client.registry.CreateCpts(request, timeout=CALL_TIMEOUT_S)
        again = client.registry.CreateCpts(request, timeout=CALL_TIMEOUT_S)
        self.assertTrue(again.replayed)
        self.assertEqual(first.id, again.id)
        node.check_alive()

    def test_client__error_details_are_google_rpc_messages(self):
        refused = refusal(client.get, str(uuid.uuid4()))
        self.assertEqual((refused.status, refused.reason, refused.field),
                         ("NOT_FOUND", "CPTS_NOT_FOUND", "id"))
        made = client.create()
        client.update(id=made.id, expected_version=1, update_mask={"paths": ["name"]}, name="B")
        stale = refusal(client.update, id=made.id, expected_version=1,
                        update_mask={"paths": ["name"]}, name="C")
        self.assertEqual((stale.status, stale.reason, stale.detail),
                         ("ABORTED", "STALE_VERSION", "2"))

    def test_client__health_serves_every_service(self):
        for service in ("", "cpts.v1.RegistryService", "cpts.v1.CoverageService",
                        "cpts.v1.ReferenceService", "grpc.health.v1.Health"):
            with self.subTest(service=service):
                answer = client.health.Check(health_pb2.HealthCheckRequest(service=service),
                                             timeout=CALL_TIMEOUT_S)
                self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING)
        refused = refusal(client.health.Check, health_pb2.HealthCheckRequest(service="no.Such"),
                          timeout=CALL_TIMEOUT_S)
        self.assertEqual(refused.status, "NOT_FOUND")

    def test_client__many_calls_at_once_are_all_answered(self):
        requests = [creation(name=f"CPTS {index}") for index in range(200)]
        futures = [client.registry.CreateCpts.future(request, timeout=CALL_TIMEOUT_S)
                   for request in requests]
        answers = [future.result() for future in futures]
        self.assertEqual(len({answer.id for answer in answers}), 200)
        positions = sorted(answer.log_position for answer in answers)
        self.assertEqual(positions, list(range(positions[0], positions[0] + 200)))


class Today(unittest.TestCase):
    def test_client__a_stage_of_today_is_true_today(self):
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        made = client.create(stages=[entry("EMERGENCE", today)])
        self.assertEqual(client.get(made.id, as_of=today).stage, stage("EMERGENCE"))


if __name__ == "__main__":
    psql.main()
