# SPDX-License-Identifier: Apache-2.0
"""A watch of libcpts against real servers that are killed under it, and one
whose reader is slow: every position once, and memory that stays bounded."""
import json
import os
import signal
import subprocess
import sys
import unittest

import cffi

SOURCE = os.environ["CPTS_TEST_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e"))
from node import BUILD, CALL_TIMEOUT_S, Node, Twin, creation, psql  # noqa: E402

TIMEOUT_MS = 60_000
MANY = 2000
LONG_NAME = "🌻" * 200
# Of changes with that name: more than the node's ring holds (8 MiB).
OVERTAKING = 12_000
EVENTS_MAX = 8
# What the core may hold of a stream that nobody reads, and what Python moves.
GROWTH_BYTES_MAX = 16 * 1024 * 1024
CHANGE, BOOKMARK = 1, 2
DEADLINE_EXCEEDED, CANCELLED = 4, 1
DECLARATIONS = """
typedef struct cpts_client cpts_client;
typedef struct cpts_watch cpts_watch;
struct cpts_client_options {
    size_t size;
    const char *address, *ca_file, *certificate_file, *key_file;
};
struct cpts_watch_event {
    int kind; int64_t log_position; int64_t instant_us; const char *id; int32_t version;
    /* and more, which nobody here reads */
};
struct cpts_watch_options {
    size_t size; int64_t after_position; bool from_now; const char *region;
    int32_t events_max, bytes_max, silence_max_ms, give_up_ms;
    void *callback; void *data; void *release;
};
int cpts_client_open(const struct cpts_client_options *, cpts_client **, void *);
int cpts_client_close(cpts_client *, int32_t);
int cpts_watch_open(cpts_client *, const struct cpts_watch_options *, cpts_watch **, void *);
int cpts_watch_next(cpts_watch *, int32_t, struct cpts_watch_event **, void *);
int64_t cpts_watch_position(cpts_watch *);
void cpts_watch_close(cpts_watch *);
char *cpts_client_statistics_json(cpts_client *, int);
void cpts_string_free(char *);
void cpts_watch_event_free(struct cpts_watch_event *);
"""
ffi = cpts = node = None


def setUpModule():
    global ffi, cpts, node
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    cpts = ffi.dlopen(os.path.join(BUILD, "lib", "libcpts.so.0"))
    node = Node()


def tearDownModule():
    if node is not None:
        node.stop()


def head():
    return int(node.database.value("SELECT coalesce(max(local_position), 0) FROM cpts.change_log;"))


def create_many(count, **fields):
    client = node.client()
    for begin in range(0, count, 200):
        futures = [client.registry.CreateCpts.future(creation(**fields), timeout=CALL_TIMEOUT_S)
                   for _ in range(min(200, count - begin))]
        for future in futures:
            future.result()
    client.close()


def resident_bytes():
    with open("/proc/self/status", encoding="ascii") as file:
        line, = [line for line in file if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


class Watch:
    """A client with one watch."""

    def __init__(self, address=None, **options):
        texts = [ffi.new("char[]", text.encode()) for text in
                 (address or f"127.0.0.1:{node.port}",
                  *(node.path(name) for name in ("ca.pem", "operator.pem", "operator.key")))]
        how = ffi.new("struct cpts_client_options *",
                      [ffi.sizeof("struct cpts_client_options"), *texts])
        what = ffi.new("struct cpts_watch_options *",
                       {"size": ffi.sizeof("struct cpts_watch_options"), **options})
        client, watch = ffi.new("cpts_client **"), ffi.new("cpts_watch **")
        assert cpts.cpts_client_open(how, client, ffi.NULL) == 0
        assert cpts.cpts_watch_open(client[0], what, watch, ffi.NULL) == 0
        self.client, self.watch = client[0], watch[0]

    def next(self, timeout_ms=TIMEOUT_MS):
        """Kind and position of the next event."""
        event = ffi.new("struct cpts_watch_event **")
        status = cpts.cpts_watch_next(self.watch, timeout_ms, event, ffi.NULL)
        if status != 0:
            return status, None
        found = event[0].kind, event[0].log_position
        cpts.cpts_watch_event_free(event[0])
        return found

    def changes(self, count):
        found = []
        while len(found) < count:
            kind, position = self.next()
            if position is None:
                raise AssertionError(f"status {kind}")
            if kind == CHANGE:
                found.append(position)
        return found

    def broken_streams(self):
        text = cpts.cpts_client_statistics_json(self.client, 0)
        statistics = json.loads(ffi.string(text))
        cpts.cpts_string_free(text)
        return sum(one["attempts"] for one in statistics["methods"])

    def close(self):
        cpts.cpts_watch_close(self.watch)
        return cpts.cpts_client_close(self.client, 5000)


class Resume(unittest.TestCase):
    def test_resume__killed_in_the_middle_of_the_log(self):
        create_many(MANY)
        watch = Watch(events_max=EVENTS_MAX)
        found = []
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            found += watch.changes(MANY // 5)
            node.restart(number)
        found += watch.changes(head() - len(found))
        self.assertEqual(found, list(range(1, head() + 1)))
        self.assertEqual(cpts.cpts_watch_position(watch.watch), head())
        self.assertEqual(watch.close(), 0)

    def test_resume__two_addresses_and_one_after_the_other_dies(self):
        twin = Twin(node)
        try:
            begin = head()
            watch = Watch(address=f"127.0.0.1:{node.port},127.0.0.1:{twin.port}",
                          after_position=begin)
            found = []
            for server in (node, twin, node, twin):
                create_many(50)
                found += watch.changes(30)
                server.restart(signal.SIGKILL)
            found += watch.changes(head() - begin - len(found))
            self.assertEqual(found, list(range(begin + 1, head() + 1)))
            self.assertEqual(watch.close(), 0)
        finally:
            twin.stop()

    def test_resume__a_position_serves_another_client(self):
        create_many(20)
        first = Watch()
        seen = first.changes(head() - 7)
        position = cpts.cpts_watch_position(first.watch)
        first.close()
        second = Watch(after_position=position)
        self.assertEqual(seen + second.changes(7), list(range(1, head() + 1)))
        second.close()


class Slow(unittest.TestCase):
    def test_resume__a_slow_reader_holds_little_and_misses_nothing(self):
        begin = head()
        watch = Watch(after_position=begin, events_max=EVENTS_MAX)
        create_many(1)
        watch.changes(1)
        before = resident_bytes()
        create_many(OVERTAKING, name=LONG_NAME)
        growth = resident_bytes() - before
        found = watch.changes(OVERTAKING)
        self.assertEqual(found, list(range(begin + 2, head() + 1)))
        self.assertLess(growth, GROWTH_BYTES_MAX)
        self.assertGreater(watch.broken_streams(), 0, "the node cut it off")
        print(f"{growth / 1024:.0f} KB more while {OVERTAKING} changes waited")
        self.assertEqual(watch.close(), 0)

    def test_resume__closing_a_client_ends_its_watch(self):
        watch = Watch(from_now=True)
        self.assertEqual(watch.next(), (BOOKMARK, head()))
        self.assertEqual(watch.next(0), (DEADLINE_EXCEEDED, None))
        self.assertEqual(cpts.cpts_client_close(watch.client, 5000), 0)
        self.assertEqual(watch.next(), (CANCELLED, None))
        cpts.cpts_watch_close(watch.watch)


class Example(unittest.TestCase):
    def test_resume__the_example_goes_on_where_it_ended(self):
        place = node.path("example.place")
        program = [os.path.join(BUILD, "example", "example_watch"), f"127.0.0.1:{node.port}",
                   *(node.path(name) for name in ("ca.pem", "operator.pem", "operator.key")), place]
        for _ in range(2):
            begin = head() if os.path.exists(place) else 0
            create_many(3)
            done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual([int(line.split()[0]) for line in done.stdout.splitlines()],
                             list(range(begin + 1, head() + 1)))


if __name__ == "__main__":
    psql.main()
