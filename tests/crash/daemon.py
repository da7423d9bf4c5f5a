# SPDX-License-Identifier: Apache-2.0
"""The real processes of a test: cptsd that is killed and started again, a
PostgreSQL cluster that may be killed, a psql that stays connected. Each ends
only what it started, by pid. What is not about dying comes from tests/e2e.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[1:1] = [os.path.join(TESTS, "e2e"), os.path.join(TESTS, "support")]
import psql  # noqa: E402
from node import (BUILD, TRUST_DOMAIN, grpc, health_pb2, health_pb2_grpc,  # noqa: E402
                  service_account, uri_of)

NATIONAL, REGION = uri_of("NATIONAL_NODE"), uri_of("REGION_NODE")
COMMAND_TIMEOUT_S = 120
WAIT_TIMEOUT_S = 30
WAIT_STEP_S = 0.01
END_OF_ANSWER = "-- end of answer --"

_never = threading.Event()


def wait_until(condition, what, timeout_s=WAIT_TIMEOUT_S):
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


@contextlib.contextmanager
def registry():
    """A copy of the template in which both identities have their roles."""
    database = psql.Database()
    try:
        for uri, role, scope in ((NATIONAL, "NATIONAL_NODE", "*"),
                                 (REGION, "REGION_NODE", "region:11")):
            database.file("sql/admin/principal_role_grant.sql", uri=uri, role=role, scope=scope)
        yield database
    finally:
        database.drop()


def rows(database, query):
    """Rows of a query as dictionaries."""
    answer = database.query(f"SELECT row_to_json(t) FROM ({query}) t;")
    return [json.loads(row[0]) for row in answer]


def conninfo(database, user, socket=None):
    host = socket or psql.environment("CPTS_TEST_SOCKET")
    port = psql.environment("CPTS_TEST_PORT")
    return f"host='{host}' port={port} user={user} dbname={database.name}"


class Session:
    """A psql that stays connected; one thread at a time."""

    def __init__(self, database, user="postgres"):
        self._psql = subprocess.Popen(
            [f"{psql.POSTGRES_BIN}/psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d",
             conninfo(database, user)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

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


class Cluster:
    """A PostgreSQL of this test alone, which it may kill. psql.py speaks to it
    from now on."""

    SCRIPT = os.path.join(psql.SOURCE, "deploy", "cluster")

    def __init__(self, folder_path):
        self.folder = os.path.join(folder_path, "pg")
        self.start()
        os.environ.update(CPTS_TEST_SOCKET=os.path.join(self.folder, "run"),
                          CPTS_TEST_PORT="5432")
        run(self.SCRIPT, "database", self.folder, "cpts_template")

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
        pki = os.path.join(path, "pki")
        os.mkdir(pki)
        run(os.path.join(TESTS, "support", "certificates"), "set", pki, TRUST_DOMAIN)
        shutil.copy(os.path.join(BUILD, "bin", "cptsd"), path)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Daemon:
    """One cptsd, as an unprivileged user. Each start listens on a new port.
    Subclasses say what is other about theirs."""

    # Name of the node, its certificate, the program and what the configuration says besides.
    node, certificate, binary, more = "national", "server", "cptsd", ""
    arguments = ()
    environment = {}
    # Where it listens, and what runs it (a program with arguments).
    address, within = "127.0.0.1:0", ()

    def __init__(self, folder_path, name, database, socket=None):
        self.name = name
        self.pki = os.path.join(folder_path, "pki")
        self.program = os.path.join(folder_path, self.binary)
        self.folder = os.path.join(folder_path, name)
        self.process = None
        self.port = 0
        # A test that is killed takes its servers along.
        self.prefix = ["/usr/bin/setpriv", "--pdeathsig=KILL"]
        os.mkdir(self.folder)
        for item in ("ca.pem", f"{self.certificate}.pem", f"{self.certificate}.key"):
            shutil.copy(os.path.join(self.pki, item), self.folder)
        with open(self.path("cptsd.conf"), "w", encoding="utf-8") as config:
            config.write(
                f"[node]\nname = {self.node}\ntrust_domain = {TRUST_DOMAIN}\n"
                f"[listen]\naddress = {self.address}\nport_file = {self.path('port')}\n"
                f"[tls]\nca = {self.path('ca.pem')}\n"
                f"certificate = {self.path(self.certificate)}.pem\n"
                f"key = {self.path(self.certificate)}.key\n"
                f"[database]\nconninfo = {conninfo(database, 'cpts_app', socket)}\n{self.more}")
        self._hand_over(service_account())

    def _hand_over(self, account):
        if account is None:
            return
        # Not Popen's `user`: it forks, and gRPC's threads do not survive that
        # (without it Python uses vfork).
        self.prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}",
                        "--clear-groups"]
        for item in ("", *os.listdir(self.folder)):
            os.chown(self.path(item), account.pw_uid, account.pw_gid)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("port"))
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [*self.within, *self.prefix, self.program, "--config", self.path("cptsd.conf"),
                 *self.arguments],
                stderr=log, cwd="/", stdin=subprocess.DEVNULL,
                env={"TZ": "UTC", "LC_ALL": "C.UTF-8", **self.environment})
        try:
            wait_until(self._is_listening, f"port of {self.name}")
        except AssertionError as failure:
            self.close()
            raise AssertionError(f"{failure}: {self.log()[-2000:]}") from None
        with open(self.path("port"), encoding="ascii") as file:
            self.port = int(file.read())
        return self

    def _is_listening(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended")
        return os.path.exists(self.path("port"))

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait(WAIT_TIMEOUT_S)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def channel(self, identity="national"):
        """A connection of its own; `identity` names the client's certificate."""
        parts = [self._pem("ca.pem"), self._pem(f"{identity}.key"), self._pem(f"{identity}.pem")]
        return grpc.secure_channel(
            f"127.0.0.1:{self.port}", grpc.ssl_channel_credentials(*parts),
            options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)])

    def _pem(self, name):
        with open(os.path.join(self.pki, name), "rb") as file:
            return file.read()

    def health(self, timeout_s=2):
        """What grpc.health.v1 says: SERVING, NOT_SERVING; or the code of the failure."""
        with self.channel() as channel:
            try:
                return check_health(channel, timeout_s)
            except grpc.RpcError as error:
                return error.code().name


def check_health(channel, timeout_s=WAIT_TIMEOUT_S):
    answer = health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(), timeout=timeout_s, wait_for_ready=True)
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
