# SPDX-License-Identifier: Apache-2.0
"""Databases for tests in Python, through psql: what a person would type.

A statement that fails raises SqlError with its SQLSTATE and constraint.
"""
import csv
import io
import os
import re
import subprocess
import sys
import unittest
import uuid

SOURCE = os.environ.get("CPTS_TEST_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PSQL_TIMEOUT_S = 120
POSTGRES_BIN = "/usr/lib/postgresql/15/bin"
# A sealed attachment in hexadecimal is one field.
csv.field_size_limit(1 << 30)


def environment(name):
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set: run the tests with tests/run")
    return value


class SqlError(Exception):
    """What PostgreSQL refused: sqlstate, message, constraint ('' = none)."""

    def __init__(self, text):
        found = re.search(r"(?:ERROR|FATAL):\s+(\w{5}): (.*)", text)
        self.sqlstate, self.message = found.groups() if found else ("", text.strip())
        named = re.search(r"^CONSTRAINT NAME:\s+(\S+)", text, re.MULTILINE)
        self.constraint = named.group(1) if named else ""
        super().__init__(f"{self.sqlstate} {self.constraint} {self.message}")


def psql(database, script, user="postgres", folder=None, **variables):
    """Runs a script; gives the rows of all its statements, every value a text."""
    host, port = environment("CPTS_TEST_SOCKET"), environment("CPTS_TEST_PORT")
    command = [f"{POSTGRES_BIN}/psql", "-X", "-q", "-t", "--csv", "-v", "ON_ERROR_STOP=1",
               "-v", "VERBOSITY=verbose", "-d",
               f"host='{host}' port={port} user={user} dbname={database}"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    done = subprocess.run(command + ["-f", "-"], input=script, capture_output=True, text=True,
                          timeout=PSQL_TIMEOUT_S, cwd=folder, check=False)
    if done.returncode != 0:
        raise SqlError(done.stderr)
    return list(csv.reader(io.StringIO(done.stdout)))


class Session:
    """A psql that stays open, to hold what a transaction holds."""

    def __init__(self, database, user="postgres"):
        host, port = environment("CPTS_TEST_SOCKET"), environment("CPTS_TEST_PORT")
        self.process = subprocess.Popen(
            [f"{POSTGRES_BIN}/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d",
             f"host='{host}' port={port} user={user} dbname={database}"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, script):
        """What the statements answer, as text; the session stays open."""
        self.process.stdin.write(f"{script}\n\\echo session-done\n")
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            if line == "session-done\n":
                return said
            said += line
        raise AssertionError(f"the session ended: {said}")

    def end(self, script=""):
        if self.process.poll() is None and not self.process.stdin.closed:
            self.process.communicate(f"{script}\n", timeout=PSQL_TIMEOUT_S)


class Database:
    """A database of one test; drop() removes it."""

    def __init__(self, template="cpts_template"):
        self.name = f"cpts_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
        psql("postgres", f"CREATE DATABASE {self.name} TEMPLATE {template};")

    def drop(self):
        psql("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE);")

    def query(self, script, user="postgres", **variables):
        return psql(self.name, script, user, **variables)

    def value(self, script, user="postgres", **variables):
        """The one value of a query with one row and one column."""
        rows = self.query(script, user, **variables)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise AssertionError(f"one value expected, got {rows!r} from {script}")
        return rows[0][0]

    def file(self, path, **variables):
        """Runs a file of the repository from its own folder."""
        path = os.path.join(SOURCE, path)
        with open(path, encoding="utf-8") as script:
            return psql(self.name, script.read(), folder=os.path.dirname(path), **variables)

    def refusal(self, script, user="postgres", **variables):
        """The error of a script that must fail."""
        try:
            rows = self.query(script, user, **variables)
        except SqlError as error:
            return error
        raise AssertionError(f"accepted, with {rows!r}: {script}")


def main():
    """Runs the tests of the calling file. A skipped test, or none, has failed."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if result.testsRun == 0 or result.skipped:
        print(f"{result.testsRun} tests, {len(result.skipped)} skipped: that is a failure")
        sys.exit(1)
    sys.exit(0 if result.wasSuccessful() else 1)
