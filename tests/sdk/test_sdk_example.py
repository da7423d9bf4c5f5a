# SPDX-License-Identifier: Apache-2.0
"""The examples, C and Python, against a real server; and what a client of it
says of itself, against the schema."""
import json
import os
import subprocess
import sys
import unittest

import cffi
import jsonschema

SOURCE = os.environ["CPTS_TEST_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e"))
from node import BUILD, REGION, Node, entry, psql, unit  # noqa: E402

EXAMPLE = os.path.join(SOURCE, "sdk", "example")
LIBRARY = os.path.join(BUILD, "lib")
TIMEOUT_S = 120
COUNT = 7
DATE = "2021-06-30"
DECLARATIONS = """
typedef struct cpts_client cpts_client;
struct cpts_client_options {
    size_t size;
    const char *address, *ca_file, *certificate_file, *key_file;
};
int cpts_client_open(const struct cpts_client_options *, cpts_client **, void *);
int cpts_client_close(cpts_client *, int32_t);
int cpts_client_health(cpts_client *, const char *, int32_t, bool *, void *);
char *cpts_client_statistics_json(cpts_client *, int);
void cpts_string_free(char *);
"""
node = None
ids = []


def setUpModule():
    global node
    node = Node()
    client = node.client("operator")
    for _ in range(COUNT):
        ids.append(client.create(stages=[entry("EMERGENCE", "2021-01-15")],
                                 territory=[unit("78646"), unit("91477")]).id)
    client.close()


def tearDownModule():
    if node is not None:
        node.stop()


def files():
    return [node.path(name) for name in ("ca.pem", "operator.pem", "operator.key")]


def run(*command):
    environment = {**os.environ, "LD_LIBRARY_PATH": LIBRARY}
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                          env=environment)


def example(name, *arguments, address=None):
    place = address or f"127.0.0.1:{node.port}"
    if name.endswith(".py"):
        program = ["/usr/bin/python3", "-B", os.path.join(EXAMPLE, name)]
    else:
        program = [os.path.join(BUILD, "example", f"example_{name}")]
    return run(*program, place, *files(), *arguments)


class Example(unittest.TestCase):
    def test_example__coverage_in_c_and_python_agree(self):
        for name in ("coverage", "coverage.py"):
            with self.subTest(example=name):
                done = example(name, DATE)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(done.stdout.splitlines()[0], f"{DATE}: {COUNT} CPTS of 1000")

    def test_example__several_addresses_are_one(self):
        address = f"127.0.0.1:{node.port},127.0.0.1:{node.port}"
        done = example("coverage", DATE, address=address)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_example__failure_has_its_reason(self):
        for name in ("coverage", "coverage.py"):
            with self.subTest(example=name):
                done = example(name, "yesterday")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, "^FIELD_INVALID: .")

    def test_example__many_reads_at_once(self):
        done = example("read_many", REGION)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"region {REGION}: {2 * COUNT} communes in its CPTS\n")

    def test_example__gaps_and_neighbours_at_once(self):
        done = example("gaps", "78646")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("inhabitants not covered on", done.stdout)
        self.assertEqual(done.stdout.count(" km "), 3)
        done = example("gaps", "99999")
        self.assertEqual(done.returncode, 1)
        self.assertIn("neighbours: UNKNOWN_UNIT", done.stderr)
        self.assertIn("inhabitants not covered on", done.stdout)

    def test_example__command_waits_for_its_node_and_is_sent_once(self):
        box = node.path("commands.box")
        late = (box, ids[1], "1", "lettre-intention", "2022-02-01")
        for arguments, address, words in (
                (late, "127.0.0.1:1", ["COMMAND_KEPT", "NOT_SENT"]),
                ((box,), "127.0.0.1:1", ["NOT_SENT"]),
                ((box,), None, ["ACCEPTED"]),
                (late, None, ["STALE_VERSION", "ACCEPTED", "REJECTED STALE_VERSION"])):
            done = example("outbox", *arguments, address=address)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for word in words:
                self.assertIn(f" {word}", done.stdout)

    def test_example__stage_is_recorded(self):
        done = example("record_stage", ids[0], "lettre-intention", "2022-02-01")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("LETTRE_INTENTION, version 2", done.stdout)


class Statistics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        path = os.path.join(SOURCE, "sdk", "schema", "statistics.schema.json")
        with open(path, encoding="utf-8") as file:
            cls.schema = json.load(file)
        cls.ffi = cffi.FFI()
        cls.ffi.cdef(DECLARATIONS)
        cls.cpts = cls.ffi.dlopen(os.path.join(LIBRARY, "libcpts.so.0"))
        texts = [cls.ffi.new("char[]", text.encode())
                 for text in (f"127.0.0.1:{node.port}", *files())]
        options = cls.ffi.new("struct cpts_client_options *",
                              [cls.ffi.sizeof("struct cpts_client_options"), *texts])
        client = cls.ffi.new("cpts_client **")
        assert cls.cpts.cpts_client_open(options, client, cls.ffi.NULL) == 0
        cls.client = client[0]

    @classmethod
    def tearDownClass(cls):
        cls.cpts.cpts_client_close(cls.client, 0)

    def statistics(self):
        text = self.cpts.cpts_client_statistics_json(self.client, 2)
        value = json.loads(self.ffi.string(text))
        self.cpts.cpts_string_free(text)
        return value

    def test_statistics__fit_their_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)
        jsonschema.validate(self.statistics(), self.schema)
        serving = self.ffi.new("bool *")
        for service in (b"", b"no.Such"):
            self.cpts.cpts_client_health(self.client, service, 0, serving, self.ffi.NULL)
        after = self.statistics()
        jsonschema.validate(after, self.schema)
        method, = after["methods"]
        self.assertEqual(method["byStatus"], {"OK": 1, "NOT_FOUND": 1})
        self.assertEqual(method["calls"], 2)
        self.assertLessEqual(method["latencyUs"]["p50"], method["latencyUs"]["max"])
        self.assertEqual(after["connection"]["addresses"],
                         [{"address": f"ipv4:127.0.0.1:{node.port}", "attempts": 2,
                           "unavailable": 0}])

    def test_statistics__schema_refuses_what_it_does_not_know(self):
        for change in ({"more": 1}, {"queue": {}}, {"version": 1}):
            with self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate({**self.statistics(), **change}, self.schema)


if __name__ == "__main__":
    psql.main()
