# SPDX-License-Identifier: Apache-2.0
"""What PostgreSQL itself does with the same rows: logical replication that catches up,
and pg_dump into psql. On the cluster and the databases that our nodes use."""
import subprocess
import time

import daemon
import psql

POLL_S = 0.02
# Rows that our node stores of such changes: the log, the head, the facts.
STREAMED = ("change_log", "cpts", "cpts_stage", "cpts_capacity")
DUMPED = ("cpts", "cpts_stage", "cpts_capacity")
LIMIT_S = 3600


def wait_for(condition, what):
    """Seconds until then, to some 20 ms."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > LIMIT_S:
            raise RuntimeError(f"no {what} in {LIMIT_S} s")
        time.sleep(POLL_S)
    return time.monotonic() - begin


class LogicalReplication:
    """Slots that were there before the changes, one a round."""

    def __init__(self, source, rounds):
        self._source, self._slots = source, [f"bench_{number}" for number in range(rounds)]
        tables = ", ".join(f"cpts.{name}" for name in STREAMED)
        source.query(f"CREATE PUBLICATION bench FOR TABLE {tables};" + "".join(
            f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput');"
            for slot in self._slots))

    def run(self):
        """Seconds until a fresh database has all changes."""
        head = self._source.value("SELECT cpts.log_head();")
        slot, target = self._slots.pop(0), psql.Database()
        session = daemon.Session(target)
        try:
            begin = time.monotonic()
            target.query(f"CREATE SUBSCRIPTION {slot} CONNECTION"
                         f" $${daemon.conninfo(self._source, 'postgres')}$$ PUBLICATION bench"
                         " WITH (create_slot = false, copy_data = false);")
            wait_for(lambda: session.rows("SELECT cpts.log_head()") == [[head]], "replication")
            return time.monotonic() - begin
        finally:
            session.close()
            target.query(f"ALTER SUBSCRIPTION {slot} DISABLE;")
            target.query(f"DROP SUBSCRIPTION {slot};")
            target.drop()

    def close(self):
        for slot in self._slots:
            self._source.query(f"SELECT pg_drop_replication_slot('{slot}');")


def dump(source):
    """Seconds that `pg_dump | psql` takes for the facts, into a fresh database."""
    target = psql.Database()
    try:
        tables = [argument for name in DUMPED for argument in ("-t", f"cpts.{name}")]
        begin = time.monotonic()
        reading = subprocess.Popen(
            [f"{psql.POSTGRES_BIN}/pg_dump", "--data-only", *tables, "-d",
             daemon.conninfo(source, "postgres")], stdout=subprocess.PIPE)
        subprocess.run([f"{psql.POSTGRES_BIN}/psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-1", "-d",
                        daemon.conninfo(target, "postgres")], stdin=reading.stdout,
                       stdout=subprocess.DEVNULL, check=True)
        if reading.wait() != 0:
            raise RuntimeError("pg_dump failed")
        return time.monotonic() - begin
    finally:
        target.drop()
