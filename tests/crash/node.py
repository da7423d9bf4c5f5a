# SPDX-License-Identifier: Apache-2.0
"""The real processes of a test: databases through psql, a PostgreSQL cluster
that may be killed, and cptsd. Each ends only what it started, by pid."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import grpc

from stubs import BUILD, SOURCE, health_pb2, health_pb2_grpc

PSQL = "/usr/lib/postgresql/15/bin/psql"
TRUST_DOMAIN = "cpts.test"
NATIONAL = f"spiffe://{TRUST_DOMAIN}/node/national"
REGION = f"spiffe://{TRUST_DOMAIN}/node/region/11"
COMMAND_TIMEOUT_S = 120
START_TIMEOUT_S = 30
WAIT_STEP_S = 0.01
END_OF_ANSWER = "-- end of answer --"
ROLES = f"""
SET ROLE cpts_owner;
INSERT INTO cpts.principal_role (principal, role, scope) VALUES
  ('{NATIONAL}', 'NATIONAL_NODE', '*'), ('{REGION}', 'REGION_NODE', 'region:11')"""

_never = threading.Event()


def wait_until(condition, what, timeout_s=START_TIMEOUT_S):
    """Waits for a condition; gives what it gave, or fails saying what was awaited."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"no {what} within {timeout_s} s")
        _never.wait(WAIT_STEP_S)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command[:3])}: {done.stdout}{done.stderr}")
    return done.stdout


class Database:
    """One database: rows() for questions, session() for one that stays."""

    def __init__(self, socket, port, name):
        self.socket, self.port, self.name = socket, port, name

    def conninfo(self, user, socket=None):
        return f"host='{socket or self.socket}' port={self.port} user={user} dbname={self.name}"

    def execute(self, statement):
        return run(PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo("postgres"),
                   "-c", statement)

    def rows(self, query):
        answer = self.execute(f"SELECT row_to_json(t) FROM ({query}) t")
        return [json.loads(line) for line in answer.splitlines()]

    def session(self, user="postgres"):
        return Session(self.conninfo(user))


class Session:
    """A psql that stays connected; one thread at a time."""

    def __init__(self, conninfo):
        self._psql = subprocess.Popen(
            [PSQL, "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", conninfo], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def rows(self, statement):
        """Rows as lists of texts."""
        self._psql.stdin.write(f"{statement};\n\\echo {END_OF_ANSWER}\n")
        self._psql.stdin.flush()
        found = []
        for line in self._psql.stdout:
            if line.rstrip("\n") == END_OF_ANSWER:
                return found
            found.append(line.rstrip("\n").split("\t"))
        raise AssertionError(f"psql ended during: {statement}")

    def close(self):
        self._psql.stdin.close()
        self._psql.stdout.close()
        self._psql.wait(COMMAND_TIMEOUT_S)


@contextlib.contextmanager
def shared_database(name):
    """A copy of the template in the cluster of this test run."""
    cluster = os.environ["CPTS_TEST_SOCKET"], os.environ["CPTS_TEST_PORT"]
    admin = Database(*cluster, "postgres")
    database = Database(*cluster, f"crash_{name}_{os.getpid()}")
    admin.execute(f"CREATE DATABASE {database.name} TEMPLATE cpts_template")
    try:
        database.execute(ROLES)
        yield database
    finally:
        admin.execute(f"DROP DATABASE {database.name} WITH (FORCE)")


class Cluster:
    """A PostgreSQL of this test alone, which it may kill."""

    SCRIPT = os.path.join(SOURCE, "deploy", "cluster")

    def __init__(self, folder):
        self.folder = os.path.join(folder, "pg")
        self.start()
        run(self.SCRIPT, "database", self.folder, "crash")
        self.database = Database(os.path.join(self.folder, "run"), "5432", "crash")
        self.database.execute(ROLES)

    def start(self):
        run(self.SCRIPT, "start", self.folder)

    def stop(self):
        run(self.SCRIPT, "stop", self.folder)

    def crash(self, number):
        """SIGKILL, or SIGQUIT, which is what `pg_ctl stop -m immediate` sends."""
        path = os.path.join(self.folder, "data", "postmaster.pid")
        with open(path, encoding="ascii") as file:
            pid = int(file.readline())
        os.kill(pid, number)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "end of the postmaster")


@contextlib.contextmanager
def folder():
    """A directory that the servers' accounts may enter, with certificates."""
    path = tempfile.mkdtemp(prefix="cpts-crash.", dir="/tmp")
    try:
        os.chmod(path, 0o711)
        os.mkdir(os.path.join(path, "pki"))
        run(os.path.join(SOURCE, "tests", "support", "certificates"), "set",
            os.path.join(path, "pki"), TRUST_DOMAIN)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Node:
    """One cptsd. Each start listens on a new port."""

    def __init__(self, folder_path, name, database, socket=None, drain_ms=10000):
        self.name = name
        self.folder = folder_path
        self.log_path = os.path.join(folder_path, f"{name}.log")
        self.port_path = os.path.join(folder_path, f"{name}.port")
        self.config_path = os.path.join(folder_path, f"{name}.conf")
        self.process = None
        self.port = 0
        pki = os.path.join(folder_path, "pki")
        with open(self.config_path, "w", encoding="utf-8") as config:
            config.write(
                f"[node]\nname = national\ntrust_domain = {TRUST_DOMAIN}\n"
                f"[listen]\naddress = 127.0.0.1:0\nport_file = {self.port_path}\n"
                f"[tls]\nca = {pki}/ca.pem\ncertificate = {pki}/server.pem\n"
                f"key = {pki}/server.key\n"
                f"[database]\nconninfo = {database.conninfo('cpts_app', socket)}\n"
                f"[limits]\ndrain_ms = {drain_ms}\n")

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.port_path)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(BUILD, "bin", "cptsd"), "--config", self.config_path], stderr=log,
                stdin=subprocess.DEVNULL)
        wait_until(self._is_listening, f"port of {self.name}, see {self.log_path}")
        with open(self.port_path, encoding="ascii") as file:
            self.port = int(file.read())
        return self

    def _is_listening(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended: {self.log()}")
        return os.path.exists(self.port_path)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wait(self, timeout_s):
        """Its exit status."""
        return self.process.wait(timeout_s)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.kill()

    def channel(self, identity="national"):
        """A connection of its own; `identity` names the client's certificate."""
        parts = [self._pem("ca.pem"), self._pem(f"{identity}.key"), self._pem(f"{identity}.pem")]
        return grpc.secure_channel(
            f"127.0.0.1:{self.port}", grpc.ssl_channel_credentials(*parts),
            options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)])

    def _pem(self, name):
        with open(os.path.join(self.folder, "pki", name), "rb") as file:
            return file.read()

    def is_serving(self, timeout_s=2):
        """What grpc.health.v1 says; False also when nobody answers."""
        with self.channel() as channel:
            try:
                answer = health_pb2_grpc.HealthStub(channel).Check(
                    health_pb2.HealthCheckRequest(), timeout=timeout_s, wait_for_ready=True)
            except grpc.RpcError:
                return False
            return answer.status == health_pb2.HealthCheckResponse.SERVING
