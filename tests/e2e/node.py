# SPDX-License-Identifier: Apache-2.0
"""A real cptsd on a database of its own, and grpcio clients for it.

A Node starts build/bin/cptsd as an unprivileged user, with certificates made
for it, and ends it by its process id. A Client speaks with one certificate;
refusal() decodes what the server said no with.
"""
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

BUILD = psql.environment("CPTS_TEST_BUILD")
STUBS = os.path.join(BUILD, "tests", "e2e", "stubs")
sys.path.insert(0, STUBS)
import google  # noqa: E402
import grpc  # noqa: E402

# The stubs of grpc.health.v1 and google.rpc live beside installed packages of
# the same first name.
grpc.__path__.append(os.path.join(STUBS, "grpc"))
google.__path__.append(os.path.join(STUBS, "google"))
from nacl.signing import SigningKey  # noqa: E402
from cpts.v1 import capacity_pb2, capacity_pb2_grpc  # noqa: E402
from cpts.v1 import change_pb2, coverage_pb2, coverage_pb2_grpc  # noqa: E402
from cpts.v1 import enrolment_pb2, enrolment_pb2_grpc  # noqa: E402
from cpts.v1 import federation_desk_pb2, federation_desk_pb2_grpc  # noqa: E402
from cpts.v1 import governance_pb2, governance_pb2_grpc  # noqa: E402
from cpts.v1 import funding_pb2, funding_pb2_grpc  # noqa: E402
from cpts.v1 import history_pb2, history_pb2_grpc  # noqa: E402
from cpts.v1 import indicator_pb2, indicator_pb2_grpc  # noqa: E402
from cpts.v1 import key_pb2, key_pb2_grpc  # noqa: E402
from cpts.v1 import lifecycle_pb2, lifecycle_pb2_grpc  # noqa: E402
from cpts.v1 import node_pb2, node_pb2_grpc  # noqa: E402
from cpts.v1 import pathway_pb2, pathway_pb2_grpc  # noqa: E402
from cpts.v1 import reference_pb2, reference_pb2_grpc  # noqa: E402
from cpts.v1 import referral_pb2, referral_pb2_grpc  # noqa: E402
from cpts.v1 import registry_pb2, registry_pb2_grpc, stage_pb2  # noqa: E402
from cpts.v1 import territory_pb2, territory_pb2_grpc  # noqa: E402
from cpts.v1 import trajectory_pb2, trajectory_pb2_grpc  # noqa: E402
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from grpc.reflection.v1 import reflection_pb2, reflection_pb2_grpc  # noqa: E402
from grpc.reflection.v1alpha import reflection_pb2 as alpha_pb2  # noqa: E402
from grpc.reflection.v1alpha import reflection_pb2_grpc as alpha_pb2_grpc  # noqa: E402
import vouching  # noqa: E402

TRUST_DOMAIN = "cpts.test"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
ROLES_TIMEOUT_S = 30
CALL_TIMEOUT_S = 30
LOOK_S = 0.05
CHANGED_TABLES = ("cpts", "cpts_stage", "cpts_territory", "cpts_population", "unit_overlap",
                  "cpts_member", "cpts_representative", "cpts_adhesion", "cpts_member_count",
                  "cpts_identity", "cpts_document", "cpts_milestone", "cpts_filing", "cpts_clock",
                  "cpts_mission", "cpts_mission_plan", "cpts_crisis", "cpts_former",
                  "cpts_correction", "change_log", "command", "unit_zoning", "territory_unit_past",
                  "area_population_past", "reference_version", "cpts_indicator_target",
                  "cpts_indicator_value", "cpts_capacity", "enrolment", "certificate", "pathway",
                  "key_statement", "referral", "referral_content", "assignment",
                  "referral_candidate", "referral_clock", "referral_note", "referral_opt_in",
                  "parked_act", "referral_attachment", "referral_chunk")
REGION, OTHER_REGION, NO_REGION = "11", "52", "98"
# role: (certificate, path of its URI, scope)
IDENTITIES = {
    "NATIONAL_NODE": ("national", "node/national", "*"),
    "REGION_NODE": ("region", "node/region/11", "region:11"),
    "DGOS_ANALYST": ("analyst", f"user/{uuid.UUID(int=1)}", "read"),
    "ARS_AGENT": ("agent", f"user/{uuid.UUID(int=2)}", "region:11"),
    "OPERATOR": ("operator", f"user/{uuid.UUID(int=3)}", "*"),
    "PUBLIC": ("public", f"user/{uuid.UUID(int=4)}", "public"),
    # Its scope is one CPTS: node.coordinator_of() grants it.
    "CPTS_COORDINATOR": ("coordinator", f"user/{uuid.UUID(int=5)}", None),
    "NO_ROLE": ("nobody", f"user/{uuid.UUID(int=6)}", None),
}

OWN_FILES = ("", "run", "ca.pem", "ca.key", "server.pem", "server.key", "checkpoint.key")
# The secret half of the key that the node signs its checkpoints with, and its public half.
CHECKPOINT_SEED = "4e" * 32
CHECKPOINT_KEY = bytes(SigningKey(bytes.fromhex(CHECKPOINT_SEED)).verify_key)


def uri_of(role):
    return f"spiffe://{TRUST_DOMAIN}/{IDENTITIES[role][1]}"


def service_account():
    """Who runs cptsd: cpts, else whoever owns the cluster's socket; as an
    ordinary user oneself (None)."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("cpts")
    except KeyError:
        return pwd.getpwuid(os.stat(psql.environment("CPTS_TEST_SOCKET")).st_uid)


class Node:
    """One server. Use as: node = Node(); … node.stop()."""

    def __init__(self, limits="", issuing=True):
        self.issuing = issuing
        self.folder = tempfile.mkdtemp(prefix="cpts-e2e.", dir="/tmp")
        self.database = None
        self.process = None
        self._session = None
        self.account = service_account()
        self.log = []
        try:
            self.database = psql.Database()
            self._make_certificates()
            self.federation = vouching.Federation()
            with open(self.path("root.pub"), "w", encoding="ascii") as file:
                file.write(self.federation.root_text())
            os.chmod(self.path("root.pub"), 0o644)
            for role, (_, _, scope) in IDENTITIES.items():
                if scope is not None:
                    self._grant(uri_of(role), role, scope)
            self._configure(limits)
            self._start()
        except BaseException:
            self._clear()
            raise

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def _make_certificates(self):
        tool = os.path.join(psql.SOURCE, "tests", "support", "certificates")
        subprocess.run([tool, "set", self.folder, TRUST_DOMAIN], check=True, timeout=60)
        for role, (name, path, _) in IDENTITIES.items():
            if path.startswith("user/"):
                subprocess.run([tool, "leaf", self.folder, "ca", name, "2",
                                f"URI:{uri_of(role)}"], check=True, timeout=60)
        with open(self.path("checkpoint.key"), "w", encoding="ascii") as file:
            file.write(CHECKPOINT_SEED + "\n")
        os.chmod(self.path("checkpoint.key"), 0o600)
        shutil.copy2(os.path.join(BUILD, "bin", "cptsd"), self.path("cptsd"))
        os.chmod(self.path("cptsd"), 0o755)
        os.mkdir(self.path("run"))
        if self.account is not None:
            for name in OWN_FILES:
                os.chown(self.path(name), self.account.pw_uid, self.account.pw_gid)

    def _grant(self, uri, role, scope):
        self.database.file("sql/admin/principal_role_grant.sql", uri=uri, role=role, scope=scope)

    def _configure(self, limits):
        host = psql.environment("CPTS_TEST_SOCKET")
        port = psql.environment("CPTS_TEST_PORT")
        with open(self.path("cptsd.conf"), "w", encoding="utf-8") as file:
            file.write(f"[node]\nname = national\ntrust_domain = {TRUST_DOMAIN}\n"
                       f"[listen]\naddress = 127.0.0.1:0\nport_file = {self.path('run/port')}\n"
                       f"[tls]\nca = {self.path('ca.pem')}\n"
                       f"certificate = {self.path('server.pem')}\nkey = {self.path('server.key')}\n"
                       f"[database]\nconninfo = host='{host}' port={port} "
                       f"dbname={self.database.name} user=cpts_app\n"
                       f"[keys]\nroot = {self.path('root.pub')}\n"
                       f"[federation]\ncheckpoint_key = {self.path('checkpoint.key')}\n"
                       f"[enrolment]\naddress = 127.0.0.1:0\n"
                       f"port_file = {self.path('run/enrolment-port')}\n"
                       + (f"issuer_certificate = {self.path('ca.pem')}\n"
                          f"issuer_key = {self.path('ca.key')}\n" if self.issuing else "") +
                       f"[log]\nlevel = info\n[limits]\ndrain_ms = 5000\n{limits}")
        os.chmod(self.path("cptsd.conf"), 0o644)

    def _start(self):
        as_account = {}
        if self.account is not None:
            as_account = {"user": self.account.pw_uid, "group": self.account.pw_gid,
                          "extra_groups": []}
        keep = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        self.process = subprocess.Popen(
            [self.path("cptsd"), "--config", self.path("cptsd.conf")], cwd="/",
            env={"TZ": "UTC", "LC_ALL": "C.UTF-8", **keep}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **as_account)
        settled = threading.Event()
        self._reader = threading.Thread(target=self._follow, args=(settled,), daemon=True)
        self._reader.start()
        if not settled.wait(START_TIMEOUT_S) or not os.path.exists(self.path("run/port")):
            raise AssertionError(f"cptsd did not start:\n{self.log_text()}")
        self.port = int(self.read("run/port"))
        self.enrolment_port = int(self.read("run/enrolment-port"))

    def _follow(self, settled):
        """Keeps the log; tells when it says ready, or ends."""
        for line in self.process.stderr:
            self.log.append(line)
            if '"ready: node' in line:
                settled.set()
        settled.set()

    def log_text(self):
        return "".join(self.log[-40:])

    def wait_until(self, condition, what):
        """What the server does by itself, and looks for twice a second."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not condition():
            self.check_alive()
            if time.monotonic() > deadline:
                raise AssertionError(f"not in {START_TIMEOUT_S} s: {what}\n{self.log_text()}")
            threading.Event().wait(LOOK_S)

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"cptsd ended with {self.process.returncode}:\n{self.log_text()}")

    def fingerprint(self):
        """Number of rows and a digest of every table that a command may change."""
        if self._session is None:
            self._session = psql.Session(self.database.name)
        return self._session.run("".join(
            f"SELECT '{table}', count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) "
            f"FROM cpts.{table} t;" for table in CHANGED_TABLES))

    def client(self, certificate="operator", **arguments):
        return Client(self, certificate, **arguments)

    def grant(self, role, scope, client, is_known):
        """Gives a role, and returns once the server goes by it."""
        self._grant(uri_of(role), role, scope)
        self.reread_roles(lambda: is_known(client))

    def reread_roles(self, condition):
        deadline = time.monotonic() + ROLES_TIMEOUT_S
        self.process.send_signal(signal.SIGHUP)
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"the roles did not take effect in {ROLES_TIMEOUT_S} s:\n"
                                     + self.log_text())

    def restart(self, number):
        """Ends the server with that signal, and starts it again on its port."""
        self.process.send_signal(number)
        self.process.wait(STOP_TIMEOUT_S)
        self._reader.join(STOP_TIMEOUT_S)
        self.process.stderr.close()
        self._use_port(self.port)
        self._start()

    def _use_port(self, port):
        with open(self.path("cptsd.conf"), encoding="utf-8") as file:
            text = file.read()
        with open(self.path("cptsd.conf"), "w", encoding="utf-8") as file:
            file.write(re.sub(r"address = 127\.0\.0\.1:\d+", f"address = 127.0.0.1:{port}", text,
                              count=1))

    def twin(self):
        """Another server on the same database and with the same certificates."""
        return Twin(self)

    def pause(self):
        """Stops the process where it is, as a machine that sleeps."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends the server; complains when it had not run well to the end."""
        try:
            self.check_alive()
            self.process.terminate()
            status = self.process.wait(STOP_TIMEOUT_S)
            self._reader.join(STOP_TIMEOUT_S)
            log = "".join(self.log)
            if status != 0 or "runtime error:" in log or "Sanitizer" in log:
                raise AssertionError(f"cptsd ended with {status}:\n{self.log_text()}")
        finally:
            self._clear()

    def _clear(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT_S)
        if self.process is not None:
            self.process.stderr.close()
        if self._session is not None:
            self._session.end()
        if self.database is not None:
            self.database.drop()
        shutil.rmtree(self.folder)


class Twin(Node):
    """A second server beside a node: its folder is its own, its database not."""

    def __init__(self, node):
        self.folder = tempfile.mkdtemp(prefix="cpts-e2e.", dir="/tmp")
        self.process = self._session = None
        self.account, self.log, self.issuing = node.account, [], node.issuing
        try:
            shutil.copytree(node.folder, self.folder, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("run"))
            os.mkdir(self.path("run"))
            if self.account is not None:
                for name in OWN_FILES:
                    os.chown(self.path(name), self.account.pw_uid, self.account.pw_gid)
            self.database = node.database
            self._configure("")
            self._start()
        except BaseException:
            self._clear()
            raise

    def _clear(self):
        self.database = None
        super()._clear()


class Client:
    """Stubs over one connection of its own. certificate None = none is shown."""

    def __init__(self, node, certificate, ca="ca", port=None):
        key = chain = None
        if certificate is not None:
            key, chain = node.read(f"{certificate}.key"), node.read(f"{certificate}.pem")
        credentials = grpc.ssl_channel_credentials(node.read(f"{ca}.pem"), key, chain)
        self.channel = grpc.secure_channel(f"127.0.0.1:{port or node.port}", credentials, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0),
            ("grpc.max_send_message_length", -1)])
        self.registry = registry_pb2_grpc.RegistryServiceStub(self.channel)
        self.lifecycle = lifecycle_pb2_grpc.LifecycleServiceStub(self.channel)
        self.coverage = coverage_pb2_grpc.CoverageServiceStub(self.channel)
        self.pathway = pathway_pb2_grpc.PathwayServiceStub(self.channel)
        self.enrolment = enrolment_pb2_grpc.EnrolmentServiceStub(self.channel)
        self.desk = federation_desk_pb2_grpc.FederationDeskServiceStub(self.channel)
        self.governance = governance_pb2_grpc.GovernanceServiceStub(self.channel)
        self.funding = funding_pb2_grpc.FundingServiceStub(self.channel)
        self.history = history_pb2_grpc.HistoryServiceStub(self.channel)
        self.trajectory = trajectory_pb2_grpc.TrajectoryServiceStub(self.channel)
        self.capacity = capacity_pb2_grpc.CapacityServiceStub(self.channel)
        self.indicator = indicator_pb2_grpc.IndicatorServiceStub(self.channel)
        self.reference = reference_pb2_grpc.ReferenceServiceStub(self.channel)
        self.territory = territory_pb2_grpc.TerritoryServiceStub(self.channel)
        self.key = key_pb2_grpc.KeyServiceStub(self.channel)
        self.referral = referral_pb2_grpc.ReferralServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)
        self.reflection = reflection_pb2_grpc.ServerReflectionStub(self.channel)
        self.reflection_alpha = alpha_pb2_grpc.ServerReflectionStub(self.channel)

    def close(self):
        self.channel.close()

    def raw(self, method, request_bytes, timeout=CALL_TIMEOUT_S, **arguments):
        """A unary call of bytes, for what no stub would send."""
        return self.channel.unary_unary(method)(request_bytes, timeout=timeout, **arguments)

    def get(self, cpts_id, **fields):
        request = registry_pb2.GetCptsRequest(id=cpts_id, **fields)
        return self.registry.GetCpts(request, timeout=CALL_TIMEOUT_S).cpts

    def list(self, **fields):
        request = registry_pb2.ListCptsRequest(**fields)
        return self.registry.ListCpts(request, timeout=CALL_TIMEOUT_S)

    def create(self, **fields):
        return self.registry.CreateCpts(creation(**fields), timeout=CALL_TIMEOUT_S)

    def update(self, **fields):
        request = registry_pb2.UpdateCptsRequest(**command(fields))
        return self.registry.UpdateCpts(request, timeout=CALL_TIMEOUT_S)

    def record(self, **fields):
        request = registry_pb2.RecordStageRequest(**command(fields))
        return self.registry.RecordStage(request, timeout=CALL_TIMEOUT_S)

    def settle(self, **fields):
        """SetTerritory."""
        request = registry_pb2.SetTerritoryRequest(**command(fields))
        return self.registry.SetTerritory(request, timeout=CALL_TIMEOUT_S)

    def govern(self, rpc, **fields):
        """A call of GovernanceService."""
        request = getattr(governance_pb2, f"{rpc}Request")(**fields)
        return getattr(self.governance, rpc)(request, timeout=CALL_TIMEOUT_S)

    def keep(self, rpc, cpts_id, signed, **fields):
        """PublishKey or RevokeKey, of what an authority signed."""
        name = "statement" if rpc == "PublishKey" else "revocation"
        request = getattr(key_pb2, f"{rpc}Request")(
            **command({"id": cpts_id, name: signed, **fields}))
        return getattr(self.key, rpc)(request, timeout=CALL_TIMEOUT_S)

    def revoke_authority(self, signed, **fields):
        request = key_pb2.RevokeAuthorityRequest(**command({"revocation": signed, **fields}))
        return self.key.RevokeAuthority(request, timeout=CALL_TIMEOUT_S)

    def ask_keys(self, rpc, **fields):
        """A read of KeyService."""
        request = getattr(key_pb2, f"{rpc}Request")(**fields)
        return getattr(self.key, rpc)(request, timeout=CALL_TIMEOUT_S)

    def refer(self, rpc, **fields):
        """A call of ReferralService."""
        request = getattr(referral_pb2, f"{rpc}Request")(**fields)
        return getattr(self.referral, rpc)(request, timeout=CALL_TIMEOUT_S)

    def walk(self, rpc, **fields):
        """A command of LifecycleService by its name."""
        request = getattr(lifecycle_pb2, f"{rpc}Request")(**command(fields))
        return getattr(self.lifecycle, rpc)(request, timeout=CALL_TIMEOUT_S)

    def way(self, cpts_id, **fields):
        """GetLifecycle."""
        request = lifecycle_pb2.GetLifecycleRequest(id=cpts_id, **fields)
        return self.lifecycle.GetLifecycle(request, timeout=CALL_TIMEOUT_S)

    def due(self, **fields):
        request = lifecycle_pb2.ListDueRequest(**fields)
        return self.lifecycle.ListDue(request, timeout=CALL_TIMEOUT_S)

    def gaps(self, **fields):
        request = lifecycle_pb2.ListEvidenceGapsRequest(**fields)
        return self.lifecycle.ListEvidenceGaps(request, timeout=CALL_TIMEOUT_S)

    def ask_territory(self, rpc, **fields):
        """A call of TerritoryService; commands are given an id."""
        if rpc in ("SetZoning", "MergeUnits"):
            fields = command(fields)
        request = getattr(territory_pb2, f"{rpc}Request")(**fields)
        return getattr(self.territory, rpc)(request, timeout=CALL_TIMEOUT_S)

    def enrol(self, rpc, **fields):
        """A call of EnrolmentService; commands are given an id."""
        if rpc != "ListEnrolments":
            fields = command(fields)
        request = getattr(enrolment_pb2, f"{rpc}Request")(**fields)
        return getattr(self.enrolment, rpc)(request, timeout=CALL_TIMEOUT_S)

    def federate(self, rpc, **fields):
        """A call of FederationDeskService; what is logged is given an id."""
        if rpc in ("SuspendNode", "ResumeNode", "RaiseNodeEpoch"):
            fields = command(fields)
        request = getattr(federation_desk_pb2, f"{rpc}Request")(**fields)
        return getattr(self.desk, rpc)(request, timeout=CALL_TIMEOUT_S)

    def walk_on(self, rpc, **fields):
        """A call of PathwayService."""
        request = getattr(pathway_pb2, f"{rpc}Request")(**fields)
        return getattr(self.pathway, rpc)(request, timeout=CALL_TIMEOUT_S)

    def node_status(self):
        stub = node_pb2_grpc.NodeServiceStub(self.channel)
        return stub.GetNodeStatus(node_pb2.GetNodeStatusRequest(), timeout=CALL_TIMEOUT_S)

    def cover(self, **fields):
        request = coverage_pb2.GetCoverageRequest(**fields)
        return self.coverage.GetCoverage(request, timeout=CALL_TIMEOUT_S)


def command(fields):
    return {"command_id": str(uuid.uuid4()), **fields}


def stage(name):
    """The number of a stage, by the name the database uses."""
    return stage_pb2.Stage.Value(f"STAGE_{name}")


def entry(name, effective_on, successor_id=""):
    return registry_pb2.StageEntry(stage=stage(name), effective_on=effective_on,
                                   successor_id=successor_id)


def unit(code, share=1.0):
    return registry_pb2.TerritoryUnit(unit_code=code, share=share)


def rpps(number):
    """The RPPS number of that rank: ten digits and their key (Luhn)."""
    digits = f"1{number:09d}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10))
                for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def member(number=1, **changes):
    """A valid Member, with these fields in place of its own."""
    fields = {"rpps": rpps(number), "category": "INFIRMIER", "college": "COLLEGE_PROFESSIONAL",
              "voice": "VOICE_DELIBERATIVE", "joined_on": "2021-03-01"}
    return governance_pb2.Member(**{**fields, **changes})


def representative(**changes):
    """A valid Representative, with these fields in place of its own."""
    fields = {"association": "Association d'essai", "approval_reference": "N2021RN0001",
              "designated_on": "2022-01-10", "designation_reference": "ARS-2022-17",
              "voice": "VOICE_DELIBERATIVE", "seated_on": "2022-02-01"}
    return governance_pb2.Representative(**{**fields, **changes})


def adhesion(**changes):
    """A valid Adhesion, with these fields in place of its own."""
    fields = {"adherent_count": 120, "professional_count": 300, "counted_on": "2023-12-31",
              "source": "CPAM, rapport annuel"}
    return governance_pb2.Adhesion(**{**fields, **changes})


def creation(**changes):
    """A valid CreateCptsRequest, with these fields in place of its own."""
    fields = {"name": "CPTS d'essai", "lead_region": REGION, "synthetic": True,
              "stages": [entry("EMERGENCE", "2020-01-15")], "territory": [unit("78646")]}
    return registry_pb2.CreateCptsRequest(**command({**fields, **changes}))


class Refusal:
    """How a call was refused: status 'NOT_FOUND', reason, field, detail, message."""

    def __init__(self, error):
        self.status = error.code().name
        self.message = error.details()
        self.reason = self.field = self.detail = ""
        details = [value for key, value in error.trailing_metadata() or ()
                   if key == "grpc-status-details-bin"]
        self.has_details = len(details) == 1
        if self.has_details:
            self._read(status_pb2.Status.FromString(details[0]), error)

    def _read(self, status, error):
        if (status.code, status.message) != (error.code().value[0], error.details()):
            raise AssertionError(f"the details say {status.code} {status.message!r}, the call "
                                 f"{error.code()} {error.details()!r}")
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in status.details:
            if detail.Unpack(info):
                self.reason, self.detail = info.reason, info.metadata.get("detail", "")
                if info.domain != "cpts.fr":
                    raise AssertionError(f"ErrorInfo.domain is {info.domain!r}")
            elif detail.Unpack(bad):
                self.field, = (violation.field for violation in bad.field_violations)

    def __repr__(self):
        return " ".join(filter(None, (self.status, self.reason, self.field,
                                      json.dumps(self.message, ensure_ascii=False))))


def refusal(function, *arguments, **named):
    """Calls what must be refused."""
    try:
        response = function(*arguments, **named)
    except grpc.RpcError as error:
        return Refusal(error)
    raise AssertionError(f"accepted, with {response!r}")


def outcome(function, *arguments, **named):
    """'OK', or the status and reason: 'NOT_FOUND/CPTS_NOT_FOUND'."""
    try:
        function(*arguments, **named)
    except grpc.RpcError as error:
        refused = Refusal(error)
        return refused.status + (f"/{refused.reason}" if refused.reason else "")
    return "OK"
