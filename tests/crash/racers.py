# SPDX-License-Identifier: Apache-2.0
"""Clients that race on the same few CPTS and write down all they are told."""
import contextlib
import datetime
import random
import threading
import time
import uuid
from dataclasses import dataclass

import grpc
from daemon import NATIONAL, REGION
from history import DECIDED, OK, UNDECIDED, Attempt, History, Operation
from node import Refusal, registry_pb2, registry_pb2_grpc, stage_pb2

HOT_COUNT = 24
REMEMBERED_COUNT = 40
REGIONS = {"11": ("75056", "92050", "93066", "94028", "95500", "78646"),
           "53": ("35238", "29232", "56121", "22278", "35288", "29019")}
FIRST_DAY = datetime.date(2019, 1, 1)
LAST_DAY = datetime.date(2025, 1, 1)
SHARES = (1.0, 0.5, 0.25)
LIVE = (stage_pb2.STAGE_EMERGENCE, stage_pb2.STAGE_LETTRE_INTENTION,
        stage_pb2.STAGE_PROJET_VALIDE, stage_pb2.STAGE_ACI_SIGNE)
EXITS = (stage_pb2.STAGE_ABANDONNE, stage_pb2.STAGE_DISSOUS)


@dataclass
class Manner:
    """How the clients behave; shares are of all commands."""
    thread_count: int = 6
    call_timeout_s: float = 4.0
    retry_pause_s: float = 0.05
    # Longest time until a command is acknowledged; liveness, not safety.
    patience_s: float = 30.0
    # Sent to two servers at the same time.
    twin_share: float = 0.0
    # An earlier command sent once more.
    resend_share: float = 0.03
    # An earlier command id with another content.
    reuse_share: float = 0.02
    stale_share: float = 0.03
    illegal_share: float = 0.03
    retries: bool = True


@dataclass
class Known:
    """What the clients believe of one CPTS."""
    cpts_id: str
    region: str
    version: int
    stage: int
    ended: bool = False


class Directory:
    """The CPTS that everybody works on, newest knowledge wins. Any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self._known = {}
        self._live = []

    def learn(self, known):
        with self._lock:
            old = self._known.get(known.cpts_id)
            if old is not None and old.version >= known.version:
                return
            self._known[known.cpts_id] = known
            if known.ended and known.cpts_id in self._live:
                self._live.remove(known.cpts_id)
            elif old is None and not known.ended:
                self._live.append(known.cpts_id)

    def choose(self, rng):
        """One of the CPTS raced for, or None while there are too few."""
        with self._lock:
            if len(self._live) < HOT_COUNT or rng.random() < 0.02:
                return None
            return self._known[rng.choice(self._live[-HOT_COUNT:])]


class Peer:
    """Connections of one client to one server, opened anew when its port changed."""

    def __init__(self, node):
        self.node = node
        self._channels = {}

    def stub(self, identity):
        key = identity, self.node.port
        if key not in self._channels:
            self._channels[key] = self.node.channel(identity)
        return registry_pb2_grpc.RegistryServiceStub(self._channels[key])

    def close(self):
        for channel in self._channels.values():
            channel.close()


class Client(threading.Thread):
    """One thread with its own connections and its own chance."""

    # Whose certificate reads, and the communes of each region.
    reader, places = "national", REGIONS

    def __init__(self, load, number):
        super().__init__(name=f"client-{number}")
        self.load = load
        self.manner = load.manner
        self.identity, self.principal, self.regions = self.identify(number)
        self.rng = random.Random(f"{load.seed}/{number}")
        self.peers = [Peer(node) for node in load.nodes]
        self.done = []
        self.failure = None

    @staticmethod
    def identify(number):
        """Whose certificate it shows, its identity, and the regions that it creates in."""
        if number % 3 == 2:
            return "region", REGION, ("11",)
        return "national", NATIONAL, tuple(REGIONS)

    def run(self):
        try:
            while not self.load.stopping.is_set():
                self.step()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure
        finally:
            for peer in self.peers:
                peer.close()

    def step(self):
        """One command until it is decided."""
        if self.done and self.rng.random() < self.manner.resend_share:
            operation, request = self.rng.choice(self.done)
            self.send_to(self.rng.choice(self.peers), operation, request)
            return
        operation, request, known = self.make()
        self.load.history.add(operation)
        if len(self.peers) > 1 and self.rng.random() < self.manner.twin_share:
            self.send_twin(operation, request)
        self.settle(operation, request)
        self.done = [*self.done[-REMEMBERED_COUNT:], (operation, request)]
        self.learn(operation, request, known)

    def settle(self, operation, request):
        give_up = time.monotonic() + self.manner.patience_s
        while not self.is_decided(operation):
            self.send_to(self.rng.choice(self.peers), operation, request)
            if not self.manner.retries or time.monotonic() >= give_up:
                return
            if not self.is_decided(operation):
                self.load.ended.wait(self.rng.random() * self.manner.retry_pause_s)

    @staticmethod
    def is_decided(operation):
        return any(a.code == OK or a.code not in UNDECIDED for a in operation.attempts)

    def begin(self, peer, operation, request):
        attempt = Attempt(peer.node.name, time.monotonic_ns())
        operation.attempts.append(attempt)
        method = getattr(peer.stub(self.identity), operation.method)
        return attempt, method.future(request, timeout=self.manner.call_timeout_s)

    def send_to(self, peer, operation, request):
        self.finish(*self.begin(peer, operation, request))

    def send_twin(self, operation, request):
        calls = [self.begin(peer, operation, request) for peer in self.peers]
        for attempt, future in calls:
            self.finish(attempt, future)

    @staticmethod
    def finish(attempt, future):
        try:
            answer = future.result()
        except grpc.RpcError as error:
            refusal = Refusal(error)
            attempt.reason, attempt.code = refusal.reason or "from transport", refusal.status
        else:
            attempt.cpts_id = getattr(answer, "id", "")
            attempt.version = answer.version
            attempt.position = answer.log_position
            attempt.replayed = answer.replayed
            attempt.code = OK
        attempt.ended_ns = time.monotonic_ns()

    def learn(self, operation, request, known):
        """Keeps the directory fresh: from the answer, or by reading again."""
        if operation.acknowledged:
            attempt = operation.acknowledged[0]
            stage = getattr(request, "stage", known.stage)
            self.load.directory.learn(Known(
                attempt.cpts_id or known.cpts_id, known.region, attempt.version, stage,
                known.ended or stage in EXITS))
        elif any(a.code in DECIDED for a in operation.attempts) and known.cpts_id:
            self.read_again(known)

    def read_again(self, known):
        with contextlib.suppress(grpc.RpcError):
            cpts = self.rng.choice(self.peers).stub(self.reader).GetCpts(
                registry_pb2.GetCptsRequest(id=known.cpts_id),
                timeout=self.manner.call_timeout_s).cpts
            self.load.directory.learn(Known(known.cpts_id, known.region, cpts.version, cpts.stage,
                                            cpts.stage not in LIVE))

    # What to ask for.

    def make(self):
        known = self.load.directory.choose(self.rng)
        if known is None:
            method, request, known = "CreateCpts", *self.create()
        else:
            method = self.rng.choices(("UpdateCpts", "SetTerritory", "RecordStage"), (6, 3, 2))[0]
            request = getattr(self, method)(known)
            request.id = known.cpts_id
            request.expected_version = known.version
            if self.rng.random() < self.manner.stale_share:
                request.expected_version = max(1, known.version - self.rng.randint(1, 3))
        request.command_id = self.command_id()
        operation = Operation(
            self.principal, method, request.command_id, request.SerializeToString(),
            known.cpts_id, getattr(request, "expected_version", 0))
        return operation, request, known

    def command_id(self):
        if self.done and self.rng.random() < self.manner.reuse_share:
            return self.rng.choice(self.done)[0].command_id
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def create(self):
        region = self.rng.choice(self.regions)
        date = FIRST_DAY + datetime.timedelta(days=self.rng.randint(0, 400))
        stages = [registry_pb2.StageEntry(stage=stage, effective_on=str(
            date + datetime.timedelta(days=index))) for index, stage in
            enumerate(LIVE[:self.rng.randint(1, 2)])]
        request = registry_pb2.CreateCptsRequest(
            name=f"CPTS d'essai {self.rng.randint(1, 10**6)}", lead_region=region, stages=stages,
            territory=self.units(region, 0), synthetic=True)
        return request, Known("", region, 0, stages[-1].stage)

    def units(self, region, least):
        codes = self.rng.sample(self.places[region], self.rng.randint(least, 4))
        return [registry_pb2.TerritoryUnit(unit_code=code, share=self.rng.choice(SHARES))
                for code in codes]

    def day(self):
        return str(FIRST_DAY + datetime.timedelta(
            days=self.rng.randint(0, (LAST_DAY - FIRST_DAY).days)))

    def UpdateCpts(self, _):  # pylint: disable=invalid-name
        request = registry_pb2.UpdateCptsRequest()
        for path in self.rng.sample(("name", "finess", "website"), self.rng.randint(1, 3)):
            request.update_mask.paths.append(path)
        request.name = f"CPTS renommée {self.rng.randint(1, 10**6)}"
        request.finess = self.rng.choice(("", f"{self.rng.randint(0, 10**9 - 1):09d}"))
        request.website = self.rng.choice(("", "https://essai.example/cpts"))
        return request

    def SetTerritory(self, known):  # pylint: disable=invalid-name
        return registry_pb2.SetTerritoryRequest(
            effective_on=self.day(), territory=self.units(known.region, 1))

    def RecordStage(self, known):  # pylint: disable=invalid-name
        legal = known.stage + 1
        if known.stage == stage_pb2.STAGE_ACI_SIGNE or self.rng.random() < 0.03:
            legal = self.rng.choice(EXITS)
        if self.rng.random() < self.manner.illegal_share:
            legal = self.rng.choice((*LIVE, *EXITS))
        return registry_pb2.RecordStageRequest(stage=legal, effective_on=self.day())


class Load:
    """Runs clients against nodes: `with Load(...) as load:` starts them; the
    end of the block lets each finish its command, then joins them."""

    def __init__(self, nodes, seed, manner=None, directory=None, history=None, client=Client):
        self.nodes = nodes
        self.seed = seed
        self.manner = manner or Manner()
        self.directory = directory or Directory()
        self.history = history or History()
        self.stopping = threading.Event()
        self.ended = threading.Event()
        self.clients = [client(self, number) for number in range(self.manner.thread_count)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for client in self.clients:
            client.join()
        for client in self.clients:
            if client.failure is not None:
                raise client.failure

    def acknowledged_count(self):
        return sum(bool(operation.acknowledged) for operation in list(self.history.operations))
