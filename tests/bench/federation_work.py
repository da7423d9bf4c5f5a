# SPDX-License-Identifier: Apache-2.0
"""The federation: catching up, a region's first snapshot, how soon a change is seen
elsewhere, eighteen regions at once. On a cluster of its own, which logical replication
needs; nodes, proxies and databases are those of tests/federation."""
import functools
import os
import pathlib
import sys
import time
import uuid

SOURCE = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("CPTS_TEST_SOURCE", str(SOURCE))
os.environ.setdefault("CPTS_TEST_BUILD", str(SOURCE / "build"))
sys.path.insert(1, str(SOURCE / "tests" / "federation"))
import reach  # noqa: E402, F401
import daemon  # noqa: E402
import psql  # noqa: E402
from federation_reference import LogicalReplication, dump, wait_for  # noqa: E402
from fleet import sailing  # noqa: E402
from node import registry_pb2, registry_pb2_grpc  # noqa: E402

REGION, ELSEWHERE = "11", "52"
ALL_REGIONS = ("01", "02", "03", "04", "06", "11", "24", "27", "28", "32", "44", "52", "53", "75",
               "76", "84", "93", "94")
CHANGES_PER_CPTS = 400
# A million changes are made by one statement.
psql.PSQL_TIMEOUT_S = 3600
SETTINGS = "bookmark_ms = 5000\nredial_max_ms = 1000\n"
SEEN_COUNT = 200
CALL_TIMEOUT_S = 30
HEAD = ("SELECT coalesce(max(origin_position), 0) FROM cpts.change_log"
        " WHERE origin_node = 'region/{}'")


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Federation:
    """The measurements; each is a function without arguments. cut_s: how long the
    eighteen regions are cut off."""

    def __init__(self, directory, changes, rounds, cut_s):
        self._directory, self._changes, self._rounds, self._cut_s = (
            str(directory), changes, rounds, cut_s)
        self._logical = None

    def measurements(self):
        if self._changes == 0:
            return {}
        return {
            "federation_catch_up": self.catch_up,
            "federation_catch_up_logical": lambda: self.rate(self.prepared[1].run()),
            "federation_bootstrap": self.bootstrap,
            "federation_bootstrap_dump": lambda: self.rate(dump(self.served)),
            "federation_seen_elsewhere": self.seen_elsewhere,
            "federation_eighteen": self.eighteen,
        }

    def rate(self, seconds):
        return {"rate": self._changes / seconds, "seconds": seconds}

    @functools.cached_property
    def cluster(self):
        cluster = daemon.Cluster(self._directory)
        psql.psql("postgres", "ALTER SYSTEM SET wal_level = 'logical';")
        psql.psql("postgres", f"ALTER SYSTEM SET max_replication_slots = {self._rounds + 2};")
        psql.psql("postgres", "ALTER SYSTEM SET max_connections = 400;")
        cluster.stop()
        cluster.start()
        return cluster

    def fleet(self, *regions):
        """A new fleet in a folder of its own."""
        assert self.cluster
        return sailing(regions=regions, settings=SETTINGS)

    @functools.cached_property
    def prepared(self):
        """A region's database with the changes, and its twin before them at the national
        node: both had agreed. And the replication of the one."""
        with self.fleet(REGION) as fleet:
            fleet.join().start()
            region, national = fleet.regions[REGION], fleet.national
            self.touch(fleet, REGION)
            wait_for(lambda: int(national.database.value(HEAD.format(REGION))) > 0, "first change")
            for member in fleet.members:
                member.close()
            self._keys = {member.node: member.signing for member in fleet.members}
            self.national_base = psql.Database(template=national.database.name)
            source = psql.Database(template=region.database.name)
        source.file("tests/bench/sql/federation_changes.sql")
        logical = LogicalReplication(source, self._rounds)
        source.query(f"CALL bench.capacity_fill('region/{REGION}', '{REGION}',"
                     f" {max(1, self._changes // CHANGES_PER_CPTS)}, {self._changes});")
        source.query("VACUUM (ANALYZE);")
        self._logical = logical
        return source, logical

    @functools.cached_property
    def served(self):
        """A database of the national node, which serves a region's CPTS itself."""
        with self.fleet(REGION) as fleet:
            database = psql.Database(template=fleet.national.database.name)
        database.file("tests/bench/sql/federation_changes.sql")
        database.query(f"CALL bench.capacity_fill('national', '{REGION}',"
                       f" {max(1, self._changes // CHANGES_PER_CPTS)}, {self._changes});")
        database.query("VACUUM (ANALYZE);")
        return database

    @staticmethod
    def stub(member):
        return registry_pb2_grpc.RegistryServiceStub(member.channel(member.certificate))

    def touch(self, fleet, region):
        """A CPTS of a region, created at its node: stub, id and version."""
        stub = self.stub(fleet.regions[region])
        made = stub.CreateCpts(registry_pb2.CreateCptsRequest(
            command_id=str(uuid.uuid4()), name="CPTS d'essai", lead_region=region,
            synthetic=True, stages=[registry_pb2.StageEntry(stage=1, effective_on="2020-01-15")]),
            timeout=CALL_TIMEOUT_S)
        return stub, made.id, made.version

    def catch_up(self):
        """A region that was away has all the changes; until the national node has."""
        source, _ = self.prepared
        wanted = int(source.value(HEAD.format(REGION)))
        with self.fleet(REGION) as fleet:
            region, national = fleet.regions[REGION], fleet.national
            for member, base in ((region, source), (national, self.national_base)):
                member.restore(base.name)
                member.sign_with(self._keys[member.node])
            national.start()
            session = daemon.Session(national.database)
            try:
                begin = time.monotonic()
                region.start()
                wait_for(lambda: int(session.rows(HEAD.format(REGION))[0][0]) >= wanted, "changes")
                return self.rate(time.monotonic() - begin)
            finally:
                session.close()

    def bootstrap(self):
        """A region is enrolled, its node begins with nothing; until it has the facts."""
        wanted = int(self.served.value("SELECT count(*) FROM cpts.cpts_capacity;"))
        with self.fleet(REGION) as fleet:
            region, national = fleet.regions[REGION], fleet.national
            national.restore(self.served.name)
            fleet.enrol(REGION)
            national.start()
            session = daemon.Session(region.database)
            try:
                begin = time.monotonic()
                region.start()
                wait_for(lambda: int(session.rows("SELECT count(*) FROM cpts.cpts_capacity")[0][0])
                         >= wanted, "snapshot")
                return self.rate(time.monotonic() - begin)
            finally:
                session.close()

    def seen_elsewhere(self):
        """A name that is changed in one region, until another region's node answers it."""
        with self.fleet(REGION, ELSEWHERE) as fleet:
            fleet.join().start()
            stub, cpts_id, version = self.touch(fleet, REGION)
            session = daemon.Session(fleet.regions[ELSEWHERE].database)
            took = []
            try:
                for number in range(SEEN_COUNT + 10):
                    name = f"CPTS {number}"
                    version = stub.UpdateCpts(registry_pb2.UpdateCptsRequest(
                        command_id=str(uuid.uuid4()), id=cpts_id,
                        expected_version=version, name=name, update_mask={"paths": ["name"]}),
                        timeout=CALL_TIMEOUT_S).version
                    begin = time.monotonic()
                    query = f"SELECT name FROM cpts.cpts WHERE cpts_id = '{cpts_id}'"
                    while session.rows(query) != [[name]]:
                        pass
                    took.append((time.monotonic() - begin) * 1e6)
            finally:
                session.close()
        took = took[10:]
        return {"rate": 1e6 * len(took) / sum(took), "p50_us": percentile(took, 0.5),
                "p99_us": percentile(took, 0.99)}

    def eighteen(self):
        """Eighteen regions, cut off while each goes on; until the national node has what
        all of them wrote. What each server holds by then."""
        with self.fleet(*ALL_REGIONS) as fleet:
            fleet.join().start()
            writers = {region: list(self.touch(fleet, region)) for region in ALL_REGIONS}
            self.wait_all(fleet)
            for proxy in fleet.proxies.values():
                proxy.refuse()
            until, count = time.monotonic() + self._cut_s, 0
            while time.monotonic() < until:
                for stub, cpts_id, version in writers.values():
                    stub.UpdateCpts(registry_pb2.UpdateCptsRequest(
                        command_id=str(uuid.uuid4()), id=cpts_id,
                        expected_version=version, name=f"CPTS {count}",
                        update_mask={"paths": ["name"]}), timeout=CALL_TIMEOUT_S)
                    count += 1
                for writer in writers.values():
                    writer[2] += 1
            begin = time.monotonic()
            for proxy in fleet.proxies.values():
                proxy.accept()
            self.wait_all(fleet)
            seconds = time.monotonic() - begin
            held = [rss_kb(member.process.pid) for member in fleet.regions.values()]
        return {"rate": count / seconds, "seconds": seconds, "kb_each": max(held)}

    @staticmethod
    def wait_all(fleet):
        """Until the national node has every region's log."""
        heads = {region: member.database.value(HEAD.format(region))
                 for region, member in fleet.regions.items()}

        def has_all():
            return all(fleet.national.database.value(HEAD.format(region)) == head
                       for region, head in heads.items())
        wait_for(has_all, "convergence")

    def close(self):
        if "cluster" in self.__dict__:
            self.cluster.stop()


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
