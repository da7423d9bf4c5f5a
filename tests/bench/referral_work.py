# SPDX-License-Identifier: Apache-2.0
"""Referrals: submitting, accepting, the inbox, what many cost."""
import functools
import importlib

import measure
import rivals
from referral_statements import accept_script, plain_script, submit_script
from state import SOURCE

SMALL, LARGE = "cpts_referral", "cpts_referral_large"
# CPTS of sql/referrals.sql.
ORIGIN, DESTINATION = 500, 1
# What the databases begin with, and the bulk of the large one, in parts.
SMALL_COUNT = 10000
BATCH = 500000
OPEN_EVERY, SHARE = 53, 200
PART_BYTES, BULK_PART_BYTES = 1024, 64
# Guesses of commands a second, from above: how many to prepare.
SUBMITS_PER_SECOND, ACCEPTS_PER_SECOND, RIVAL_PER_SECOND = 7000, 9000, 2500
# Of one of pgbench's clients as if all were as fast: numbers cost nothing.
PLAIN_PER_SECOND = 60000
WARMUP_S = 0.5
CALLS = ("--calls", 64)
READERS = ("--channels", 1, "--calls", 2)
INBOX_PAGES = 200
SUBMIT = "/cpts.v1.ReferralService/SubmitReferral"
ACT = "/cpts.v1.ReferralService/ActOnReferral"
LIST = "/cpts.v1.ReferralService/ListReferrals"
# As large as what the server stores: a sealed part, a wrap, the changes.
WRAP_BYTES, SUBMITTED_BYTES, ACTED_BYTES = 344, 505, 222
PLAN_SETTINGS = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off"


class Referrals:
    """The measurements of referrals; each is a function without arguments."""

    def __init__(self, state, etcd, count):
        self.state, self.etcd, self.count = state, etcd, count
        self.next = SMALL_COUNT + 1
        self.request_bytes = 0
        self.are_new = False

    # What is prepared when it is first needed.

    @functools.cached_property
    def requests(self):
        """Imported now and not before: its stubs are there once the release is built."""
        return importlib.import_module("referral_requests")

    @functools.cached_property
    def players(self):
        return self.requests.Players(self.state, ORIGIN, DESTINATION)

    def database(self, name):
        self.state.add_database(name)
        self.state.run_file(name, SOURCE / "tests/bench/sql/referrals.sql")
        self.players.enter(name)

    def server(self, name, database):
        server = self.state.start_server(name, database, False,
                                         f"[keys]\nroot = {self.players.root}\n")
        self.players.publish(server)
        return server

    def fill(self, database, first, count, *shape):
        self.state.sql(database, f"SELECT bench.referral_fill({first}, {count}, "
                                 f"{', '.join(str(value) for value in shape)})")

    def settle(self, database):
        """What time does to a database."""
        self.state.sql(database, "SELECT bench.figures_release()")
        self.state.sql(database, "VACUUM (ANALYZE)")

    def wal_room(self, setting):
        """Fewer checkpoints while much is loaded."""
        self.state.sql("postgres", f"ALTER SYSTEM SET max_wal_size {setting}")
        self.state.sql("postgres", "SELECT pg_reload_conf()")

    @functools.cached_property
    def small(self):
        # Loaded before anything is measured, so that rounds are short.
        if self.count > 0:
            self.large.memory_kb("VmRSS")
        self.database(SMALL)
        self.fill(SMALL, 1, SMALL_COUNT, 5, SHARE, PART_BYTES)
        self.settle(SMALL)
        return self.server("referral", SMALL)

    @functools.cached_property
    def large(self):
        self.database(LARGE)
        self.wal_room("= '8GB'")
        for first in range(1, self.count + 1, BATCH):
            self.fill(LARGE, first, min(BATCH, self.count + 1 - first), OPEN_EVERY, SHARE,
                      BULK_PART_BYTES)
        self.settle(LARGE)
        self.wal_room("TO DEFAULT")
        self.state.sql(LARGE, "CHECKPOINT")
        return self.server("referral-large", LARGE)

    @functools.cached_property
    def node(self):
        assert self.small
        return rivals.start_node(self.state, "node-referral", SMALL)

    # Commands.

    def take(self, count):
        """Numbers that were not used; the first one."""
        first = self.next
        self.next += count
        return first

    def prepare(self, path, requests):
        self.request_bytes = max(self.request_bytes, self.requests.write(path, requests))

    def send(self, method, server, who, path, seconds):
        return measure.load(self.state, "each", server, False, seconds, "--method", method,
                            "--requests", path, *CALLS, who=who)

    def submit(self, server, per_second, seconds, again=False):
        """again: the requests of the last time, which that other database has not seen."""
        path = self.state.directory / "submits"
        if not (again and self.are_new):
            count = int((seconds + WARMUP_S) * per_second)
            self.prepare(path, self.players.submits(count))
        self.are_new = not again and server is self.small
        return self.send(SUBMIT, server, "origin", path, seconds)

    def accept(self, server, per_second, seconds):
        path = self.state.directory / "accepts"
        count = int((seconds + WARMUP_S) * per_second)
        first = self.take(count)
        self.fill(SMALL, first, count, 1, 1, PART_BYTES)
        self.requests.write(path, self.requests.accepts(first, count))
        return self.send(ACT, server, "destination", path, seconds)

    def pgbench(self, script, who, change_bytes, seconds, fills=False):
        assert self.small
        count = seconds * (RIVAL_PER_SECOND if fills else PLAIN_PER_SECOND)
        first = self.take(count)
        if fills:
            self.fill(SMALL, first, count, 1, 1, PART_BYTES)
        given = measure.variables(
            self.state, first=first, scope=who.scope, principal=who.uri,
            origin=self.players.origin.cpts_id, destination=self.players.destination.cpts_id,
            part="\\x" + "5a" * PART_BYTES, wrap="\\x" + "5a" * WRAP_BYTES,
            signature="\\x" + "5a" * 64)
        given["change"] = "\\x" + "5a" * change_bytes
        return measure.pgbench(self.state, SMALL, script, seconds, given, PLAN_SETTINGS)

    def put(self, byte_count, seconds):
        return measure.load(self.state, "put", self.etcd(), False, seconds, *CALLS, "--bytes",
                            byte_count)

    # Reads.

    def inbox(self, seconds):
        path = self.state.directory / "inbox.requests"
        if not path.exists():
            self.requests.write(path, self.players.inbox(self.large, INBOX_PAGES))
        return measure.load(self.state, "call", self.large, False, seconds, "--method", LIST,
                            "--requests", path, *READERS, who="destination")

    def own(self, seconds):
        """Ours, against PostgreSQL."""
        origin, destination = "origin", "destination"

        def pgbench(script, who, change_bytes, fills=False):
            return lambda: self.pgbench(script(), getattr(self.players, who), change_bytes, seconds,
                                        fills)

        return {
            "referral_submit": lambda: self.submit(self.small, SUBMITS_PER_SECOND, seconds),
            "referral_submit_pgbench": pgbench(submit_script, origin, SUBMITTED_BYTES),
            "referral_submit_pgbench_plain":
                pgbench(lambda: plain_script("submit"), origin, SUBMITTED_BYTES),
            "referral_accept": lambda: self.accept(self.small, ACCEPTS_PER_SECOND, seconds),
            "referral_accept_pgbench": pgbench(accept_script, destination, ACTED_BYTES, True),
            "referral_accept_pgbench_plain":
                pgbench(lambda: plain_script("accept"), destination, ACTED_BYTES),
        }

    def many(self, seconds):
        """With as many referrals as the run was asked for."""
        return {
            "referral_submit_many":
                lambda: self.submit(self.large, SUBMITS_PER_SECOND, seconds, again=True),
            "referral_inbox": lambda: self.inbox(seconds),
        }

    def rivalry(self, seconds):
        found = {
            "referral_submit_node": lambda: self.submit(self.node, RIVAL_PER_SECOND, seconds),
            "referral_submit_etcd": lambda: self.put(self.request_bytes, seconds),
            "referral_accept_node": lambda: self.accept(self.node, RIVAL_PER_SECOND, seconds),
            "referral_accept_etcd": lambda: self.put(ACTED_BYTES, seconds),
        }
        return {name: run for name, run in found.items()
                if not rivals.missing(rivals.programs_of(name))}

    def measurements(self, seconds):
        many = self.many(seconds) if self.count > 0 else {}
        own = self.own(seconds)
        first = {"referral_submit": own.pop("referral_submit")}
        return {**first, **many, **own, **self.rivalry(seconds)}
