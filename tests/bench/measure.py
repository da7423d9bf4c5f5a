# SPDX-License-Identifier: Apache-2.0
"""One measurement: bench_load against a server, or pgbench against PostgreSQL.

Each gives a dictionary with rate (a second), p50_us and p99_us."""
import json
import pathlib
import re
import subprocess

from state import BIN, OPERATOR, POSTGRES_BIN, SOURCE, command

CLIENTS = 16
PIPELINE = "\\startpipeline\n{}\\endpipeline\n"
# pgbench asks for another id after this many transactions, so that the asking
# does not count.
PICK_EVERY = 100
LOG_SHARE = 0.05


def target(state, server, is_plain, who="operator"):
    """The options of bench_load and bench_watch that say where, and as whom."""
    tls = [] if is_plain else ["--ca", state.pem("ca.pem"), "--cert", state.pem(f"{who}.pem"),
                               "--key", state.pem(f"{who}.key")]
    return ["--target", f"127.0.0.1:{server.port}", *tls]


def load(state, work, server, is_plain, seconds, *arguments, who="operator"):
    """bench_load's own JSON."""
    result = json.loads(command(BIN / "bench_load", work, *target(state, server, is_plain, who),
                                "--seconds", seconds, *arguments))
    if result["failed"] or result["ran_out"] or result["calls"] == 0:
        raise RuntimeError(f"{work} on {server.name}: {result}")
    return result


def statement(name, values):
    """A file of sql/query as pgbench takes it: without comments, and each $n
    replaced by values[n - 1]."""
    text = (SOURCE / "sql/query" / f"{name}.sql").read_text(encoding="utf-8")
    text = re.sub(r"--.*", "", text)
    return re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], text).strip() + ";\n"


def number_uuid(first_digit):
    return f"('{first_digit}0000000-0000-7000-8000-' || lpad(:n::text, 12, '0'))"


def get_script():
    """As the read lane: the scope, then the statement, in one transaction."""
    pick = ("\\if :left = 0\n\\set next random(1, :count)\n"
            "SELECT id FROM bench.pick WHERE n = :next \\gset\n"
            f"\\set left {PICK_EVERY}\n\\endif\n\\set left :left - 1\n")
    return pick + PIPELINE.format(
        statement("scope_set", [":scope", ":principal"]) +
        statement("cpts_get", [":id", ":as_of", "NULL"]))


def stage_script():
    """As the write lane for one command: lock, head of the log, scope, command, notify."""
    values = [":principal", number_uuid(1), ":hash", number_uuid(0), ":node", ":change", "1",
              "'LETTRE_INTENTION'", "'2021-01-01'", "NULL", "'{EMERGENCE}'",
              # No documents, told afterwards; no clock starts, none stops.
              "'{}'", "'{}'", "'HISTORY'", *["'{}'"] * 5]
    return f"\\set n :first + :client_id + {CLIENTS} * :k\n\\set k :k + 1\n" + PIPELINE.format(
        statement("log_lock", []) + statement("log_begin", [":node"]) +
        statement("scope_set", [":scope", ":principal"]) +
        statement("cpts_stage_record", values) + statement("log_notify", []))


def plain_script():
    return (SOURCE / "tests/bench/sql/plain_insert.sql").read_text(encoding="utf-8")


def quantiles(directory):
    """p50 and p99 of the transactions that pgbench wrote down, microseconds."""
    spans = []
    for log in directory.glob("pgbench_log.*"):
        for line in log.read_text(encoding="ascii").splitlines():
            spans.append(int(line.split()[2]))
        log.unlink()
    spans.sort()
    if not spans:
        return 0, 0
    return spans[len(spans) // 2], spans[len(spans) * 99 // 100]


def pgbench(state, database, script, seconds, variables, settings=""):
    """16 connections over the Unix socket, as cpts_app, prepared statements."""
    path = pathlib.Path(state.directory) / "script.pgbench"
    path.write_text(script, encoding="utf-8")
    defined = [f"-D{name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        [f"{POSTGRES_BIN}/pgbench", *state.connection("cpts_app"), "-n", "-M", "prepared", "-c",
         str(CLIENTS), "-j", "2", "-T", str(seconds), "-f", str(path), "-l", "--sampling-rate",
         str(LOG_SHARE), *defined, database],
        capture_output=True, text=True, check=False, cwd=state.directory,
        env={"PGOPTIONS": settings, "PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    rate = re.search(r"tps = ([0-9.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: ([0-9]+)", done.stdout)
    if done.returncode != 0 or not rate or (failed and failed[1] != "0"):
        raise RuntimeError(f"pgbench: {done.stderr.strip()[-2000:]}")
    p50, p99 = quantiles(state.directory)
    return {"rate": float(rate[1]), "p50_us": p50, "p99_us": p99}


def variables(state, **more):
    """What the scripts name: the same caller, and values as wide as the server's."""
    return {"scope": "*", "principal": OPERATOR, "node": "national", "left": 0, "k": 0,
            "hash": "\\x" + "5a" * 32, "change": "\\x" + "5a" * 190, **more}
