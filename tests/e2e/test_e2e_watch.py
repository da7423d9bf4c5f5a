# SPDX-License-Identifier: Apache-2.0
"""WatchCpts, Health Watch and reflection, by a client that nobody here wrote."""
import concurrent.futures
import os
import threading
import time
import unittest

import matrix
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from node import (BUILD, CALL_TIMEOUT_S, OTHER_REGION, REGION, Client, Node, alpha_pb2, creation,
                  grpc, health_pb2, outcome, psql, reflection_pb2, refusal, registry_pb2, stage,
                  uri_of)

DESCRIPTORS = os.path.join(BUILD, "proto", "descriptors.fds")
SUBSCRIBERS = 1000
# As many as one connection may have is 256.
SUBSCRIBERS_PER_CONNECTION = 250
SUBSCRIBER_BYTES = 32 * 1024
BOOKMARK_INTERVAL_S = 5
node = client = None


def setUpModule():
    global node, client
    node = Node()
    client = node.client()


def tearDownModule():
    if node is not None:
        client.close()
        node.stop()


def watch(caller=None, timeout=CALL_TIMEOUT_S, **fields):
    request = registry_pb2.WatchCptsRequest(**fields)
    return (caller or client).registry.WatchCpts(request, timeout=timeout)


def changes(stream, count):
    """That many changes; bookmarks in between are left out."""
    found = []
    while len(found) < count:
        message = next(stream)
        if message.HasField("change"):
            found.append(message.change)
    return found


def until_bookmark(stream):
    """The changes up to the next bookmark, and the bookmark."""
    found = []
    for message in stream:
        if message.HasField("bookmark"):
            return found, message.bookmark
        found.append(message.change)
    raise AssertionError("the stream ended without a bookmark")


def head():
    return int(node.database.value("SELECT coalesce(max(local_position), 0) FROM cpts.change_log;"))


def create_many(count, **fields):
    futures = [client.registry.CreateCpts.future(creation(**fields), timeout=CALL_TIMEOUT_S)
               for _ in range(count)]
    return [future.result().log_position for future in futures]


class Follow(unittest.TestCase):
    def test_watch__from_the_beginning_brings_every_change_in_order(self):
        create_many(40)
        stream = watch()
        found, bookmark = until_bookmark(stream)
        stream.cancel()
        self.assertEqual([change.log_position for change in found], list(range(1, head() + 1)))
        self.assertEqual(bookmark.log_position, head())
        self.assertGreater(bookmark.observed_at.ToSeconds(), 1_600_000_000)

    def test_watch__a_change_tells_what_happened_and_not_who_did_it(self):
        made = client.create(lead_region=REGION, name="CPTS suivie")
        client.record(id=made.id, expected_version=1, stage=stage("LETTRE_INTENTION"),
                      effective_on="2021-03-01")
        stream = watch(after_position=made.log_position - 1)
        created, recorded = changes(stream, 2)
        stream.cancel()
        self.assertEqual((created.cpts_id, created.version, created.kind, created.lead_region),
                         (made.id, 1, "CPTS_CREATED", REGION))
        self.assertEqual(created.cpts_created.name, "CPTS suivie")
        self.assertEqual((recorded.version, recorded.kind), (2, "CPTS_STAGE_RECORDED"))
        self.assertEqual(recorded.cpts_stage_recorded.stage.effective_on, "2021-03-01")
        self.assertEqual(recorded.recorded_at, client.get(made.id).updated_at)
        for change in created, recorded:
            self.assertNotIn(b"spiffe://", change.SerializeToString())

    def test_watch__resumes_after_a_position_without_gap_or_repeat(self):
        create_many(20)
        first = watch(after_position=5)
        seen = [change.log_position for change in changes(first, 7)]
        first.cancel()
        second = watch(after_position=seen[-1])
        rest, _ = until_bookmark(second)
        second.cancel()
        seen += [change.log_position for change in rest]
        self.assertEqual(seen, list(range(6, head() + 1)))

    def test_watch__from_now_begins_with_a_bookmark_at_the_head(self):
        last = create_many(1)[0]
        stream = watch(from_now=True)
        found, bookmark = until_bookmark(stream)
        self.assertEqual((found, bookmark.log_position >= last), ([], True))
        position = create_many(1)[0]
        self.assertEqual([one.log_position for one in changes(stream, 1)], [position])
        stream.cancel()

    def test_watch__misses_nothing_while_many_write(self):
        start = head()
        streams = [watch(after_position=start) for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            written = [pool.submit(create_many, 150) for _ in range(4)]
            positions = sorted(one for future in written for one in future.result())
        late = watch(after_position=start + 100)
        self.assertEqual(positions, list(range(start + 1, start + 601)))
        for stream in streams:
            self.assertEqual([one.log_position for one in changes(stream, 600)], positions)
            stream.cancel()
        self.assertEqual([one.log_position for one in changes(late, 500)], positions[100:])
        late.cancel()

    def test_watch__region_filters_and_its_bookmark_passes_the_others(self):
        start = head()
        stream = watch(after_position=start, region=OTHER_REGION)
        caught_up = until_bookmark(stream)[1].log_position
        self.assertGreaterEqual(caught_up, start)
        create_many(5, lead_region=REGION)
        wanted = create_many(2, lead_region=OTHER_REGION)
        self.assertEqual([one.log_position for one in changes(stream, 2)], wanted)
        last = create_many(3, lead_region=REGION)[-1]
        found, bookmark = until_bookmark(stream)
        while not found and bookmark.log_position < last:
            found, bookmark = until_bookmark(stream)
        self.assertEqual((found, bookmark.log_position), ([], last))
        stream.cancel()

    def test_watch__idle_stream_is_given_bookmarks(self):
        stream = watch(from_now=True)
        first = until_bookmark(stream)[1]
        started = time.monotonic()
        second = until_bookmark(stream)[1]
        self.assertGreater(time.monotonic() - started, BOOKMARK_INTERVAL_S / 2)
        self.assertLess(time.monotonic() - started, BOOKMARK_INTERVAL_S * 3)
        self.assertEqual(second.log_position, first.log_position)
        self.assertGreater(second.observed_at.ToMicroseconds(), first.observed_at.ToMicroseconds())
        stream.cancel()

    def test_watch__needs_no_deadline_and_keeps_one(self):
        stream = watch(timeout=None, from_now=True)
        until_bookmark(stream)
        stream.cancel()
        short = watch(timeout=0.5, from_now=True)
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in short:
                pass
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        node.check_alive()


class Refuse(unittest.TestCase):
    def test_watch__a_role_withdrawn_ends_the_stream(self):
        uri = uri_of("NO_ROLE")
        caller = node.client("nobody")
        node.database.query("INSERT INTO cpts.principal_role (principal, role, scope) "
                            f"VALUES ('{uri}', 'DGOS_ANALYST', 'read');")
        node.reread_roles(lambda: outcome(caller.cover) == "OK")
        stream = watch(caller, from_now=True)
        until_bookmark(stream)
        node.database.query(f"DELETE FROM cpts.principal_role WHERE principal = '{uri}';")
        started = time.monotonic()
        refused = refusal(lambda: list(stream))
        self.assertEqual((refused.status, refused.reason),
                         ("PERMISSION_DENIED", "UNKNOWN_IDENTITY"))
        self.assertLess(time.monotonic() - started, BOOKMARK_INTERVAL_S * 4)
        caller.close()

    def test_watch__a_position_beyond_the_log_is_refused(self):
        refused = refusal(lambda: next(watch(after_position=head() + 1000)))
        self.assertEqual((refused.status, refused.reason), ("OUT_OF_RANGE", "POSITION_AHEAD"))
        self.assertEqual(refused.detail, str(head()))

    def test_watch__bad_requests_are_refused(self):
        for fields, reason, field in (({"after_position": -1}, "FIELD_INVALID", "after_position"),
                                      ({"region": "99"}, "UNKNOWN_REGION", "region")):
            with self.subTest(**fields):
                refused = refusal(lambda: next(watch(**fields)))
                self.assertEqual((refused.status, refused.reason, refused.field),
                                 ("INVALID_ARGUMENT", reason, field))

    def test_watch__garbage_is_refused(self):
        call = client.channel.unary_stream("/cpts.v1.RegistryService/WatchCpts")
        refused = refusal(lambda: next(call(b"\x1a\x05x", timeout=CALL_TIMEOUT_S)))
        self.assertEqual((refused.status, refused.reason),
                         ("INVALID_ARGUMENT", "MALFORMED_MESSAGE"))


class Health(unittest.TestCase):
    def test_watch__health_says_the_status_at_once(self):
        for service, status in (("", "SERVING"), ("cpts.v1.RegistryService", "SERVING"),
                                ("no.Such", "SERVICE_UNKNOWN")):
            with self.subTest(service=service):
                stream = client.health.Watch(health_pb2.HealthCheckRequest(service=service))
                found = next(stream).status
                self.assertEqual(health_pb2.HealthCheckResponse.ServingStatus.Name(found), status)
                stream.cancel()


class Reflection(unittest.TestCase):
    def ask(self, stub, messages, *questions):
        requests = [messages.ServerReflectionRequest(**question) for question in questions]
        return list(stub.ServerReflectionInfo(iter(requests), timeout=CALL_TIMEOUT_S))

    def test_watch__reflection_lists_every_service_in_both_versions(self):
        for stub, messages in ((client.reflection, reflection_pb2),
                               (client.reflection_alpha, alpha_pb2)):
            answer, = self.ask(stub, messages, {"list_services": ""})
            self.assertEqual({one.name for one in answer.list_services_response.service},
                             {rpc.split("/")[1] for rpc in matrix.rpcs(DESCRIPTORS)})

    def test_watch__reflection_answers_suffice_to_call(self):
        answer, = self.ask(client.reflection, reflection_pb2,
                           {"file_containing_symbol": "cpts.v1.ReferenceService.ListRegions"})
        pool = descriptor_pool.DescriptorPool()
        files = {}
        for data in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
            files[file.name] = file
        while files:
            name = next(name for name, file in files.items()
                        if not set(file.dependency) & set(files))
            pool.Add(files.pop(name))
        method = pool.FindMethodByName("cpts.v1.ReferenceService.ListRegions")
        factory = message_factory.MessageFactory(pool)
        request = factory.GetPrototype(method.input_type)(page_size=3)
        response = factory.GetPrototype(method.output_type).FromString(
            client.raw("/cpts.v1.ReferenceService/ListRegions", request.SerializeToString()))
        self.assertEqual(len(response.regions), 3)

    def test_watch__reflection_finds_files_nested_types_and_values(self):
        for question, file in (
                ({"file_by_filename": "cpts/v1/change.proto"}, "cpts/v1/change.proto"),
                ({"file_containing_symbol": "cpts.v1.Stage"}, "cpts/v1/stage.proto"),
                ({"file_containing_symbol": "cpts.v1.STAGE_EMERGENCE"}, "cpts/v1/stage.proto"),
                ({"file_containing_symbol": "cpts.v1.Cpts.name"}, "cpts/v1/registry.proto"),
                ({"file_containing_symbol":
                  "grpc.health.v1.HealthCheckResponse.ServingStatus"},
                 "grpc/health/v1/health.proto")):
            with self.subTest(**question):
                answer, = self.ask(client.reflection, reflection_pb2, question)
                first = answer.file_descriptor_response.file_descriptor_proto[0]
                self.assertEqual(descriptor_pb2.FileDescriptorProto.FromString(first).name, file)

    def test_watch__reflection_refuses_what_is_not_there_and_goes_on(self):
        answers = self.ask(client.reflection, reflection_pb2,
                           {"file_containing_symbol": "cpts.v1.Nothing"},
                           {"file_by_filename": "no.proto"},
                           {"file_containing_symbol": "cpts.v1"},
                           {"all_extension_numbers_of_type": "cpts.v1.Cpts"},
                           {}, {"list_services": "", "host": "here"})
        self.assertEqual([one.error_response.error_code for one in answers], [5, 5, 5, 5, 3, 0])
        self.assertEqual(answers[-1].valid_host, "here")
        self.assertGreater(len(answers[-1].list_services_response.service), 0)


class Many(unittest.TestCase):
    def memory(self):
        with open(f"/proc/{node.process.pid}/status", encoding="ascii") as file:
            line, = [line for line in file if line.startswith("VmRSS:")]
        return int(line.split()[1]) * 1024

    def test_watch__a_thousand_subscribers_hear_every_change(self):
        callers = [node.client() for _ in range(SUBSCRIBERS // SUBSCRIBERS_PER_CONNECTION)]
        for caller in callers:
            caller.get(client.create().id)
        before = self.memory()
        streams = [watch(caller, timeout=120, from_now=True) for caller in callers
                   for _ in range(SUBSCRIBERS_PER_CONNECTION)]
        for stream in streams:
            self.assertEqual(until_bookmark(stream)[0], [])
        growth = (self.memory() - before) / SUBSCRIBERS
        wanted = create_many(10)
        for stream in streams:
            self.assertEqual([one.log_position for one in changes(stream, 10)], wanted)
        for caller in callers:
            caller.close()
        node.check_alive()
        print(f"{SUBSCRIBERS} subscribers: {growth / 1024:.1f} KB each")
        if "asan" not in os.path.basename(BUILD):
            self.assertLess(growth, SUBSCRIBER_BYTES)


class Stop(unittest.TestCase):
    def test_watch__drain_tells_where_to_go_on(self):
        other = Node("drain_ms = 60000\n")
        try:
            caller = Client(other, "operator")
            position = caller.create().log_position
            stream = watch(caller)
            self.assertEqual(until_bookmark(stream)[1].log_position, position)
            health = caller.health.Watch(health_pb2.HealthCheckRequest())
            self.assertEqual(next(health).status, health_pb2.HealthCheckResponse.SERVING)
            silence = threading.Event()

            def ask_once():
                yield reflection_pb2.ServerReflectionRequest(list_services="")
                silence.wait(CALL_TIMEOUT_S)
            talk = caller.reflection.ServerReflectionInfo(ask_once())
            next(talk)
            started = time.monotonic()
            other.process.terminate()
            refused = refusal(lambda: next(stream))
            self.assertEqual((refused.status, refused.reason, refused.detail),
                             ("UNAVAILABLE", "SHUTTING_DOWN", str(position)))
            self.assertEqual(next(health).status, health_pb2.HealthCheckResponse.NOT_SERVING)
            self.assertEqual(refusal(lambda: next(health)).reason, "SHUTTING_DOWN")
            self.assertEqual(refusal(lambda: next(talk)).status, "UNAVAILABLE")
            silence.set()
            self.assertEqual(other.process.wait(CALL_TIMEOUT_S), 0)
            self.assertLess(time.monotonic() - started, 30, "no stream outlasts the drain's start")
            caller.close()
        finally:
            other._clear()


if __name__ == "__main__":
    psql.main()
