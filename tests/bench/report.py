# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios of the same round, the table and bench.json."""
import datetime
import json
import os
import platform
import statistics

from state import BUILD, POSTGRES_BIN, SOURCE, command

# ratio: (of, to, at least)
RATIOS = {
    "echo_vs_bare": ("echo", "echo_bare", None),
    "echo_insecure_vs_bare": ("echo_insecure", "echo_bare_insecure", None),
    "get_cpts_vs_pgbench": ("get_cpts", "get_cpts_pgbench", 0.7),
    "get_cpts_mtls_rls_cost": ("get_cpts", "get_cpts_insecure_noscope", None),
    "record_stage_vs_pgbench": ("record_stage", "record_stage_pgbench", 3.0),
    "record_stage_vs_plain_insert": ("record_stage", "record_stage_pgbench_plain", 0.7),
    "record_stage_mtls_rls_cost": ("record_stage", "record_stage_insecure_noscope", None),
    "echo_mtls_cost": ("echo", "echo_insecure", None),
    "get_coverage_mtls_rls_cost": ("get_coverage", "get_coverage_insecure_noscope", None),
    "record_stage_open_snapshot": ("record_stage_snapshot", "record_stage_no_snapshot", 0.8),
}
# figure: at most; the memory is the server's peak
MOST = {"get_coverage_p99_ms": 20, "server_rss_mb": 64}


def medians(results):
    """Of each measurement: the median over the rounds."""
    return {name: {key: round(statistics.median(r[key] for r in rounds), 1)
                   for key in ("rate", "p50_us", "p99_us")}
            for name, rounds in results.items()}


def ratios(results):
    """Of each ratio: the median, least and greatest over the rounds."""
    found = {}
    for name, (above, below, target) in RATIOS.items():
        pairs = [a["rate"] / b["rate"]
                 for a, b in zip(results.get(above, []), results.get(below, []))]
        if pairs:
            found[name] = {"median": round(statistics.median(pairs), 3),
                           "least": round(min(pairs), 3), "greatest": round(max(pairs), 3),
                           "target": target}
    return found


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        models = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"processor": models[0] if models else "?", "cores": os.cpu_count(),
            "memory_gb": round(memory_gb), "kernel": platform.release(),
            "postgresql": command(f"{POSTGRES_BIN}/postgres", "--version").split()[2],
            "load_at_end": round(os.getloadavg()[0], 1)}


def collect(results, memory, rounds):
    middle = medians(results)
    found = ratios(results)
    coverage = middle.get("get_coverage")
    flat = {name: ratio["median"] for name, ratio in found.items()}
    if coverage:
        flat["get_coverage_p99_ms"] = round(coverage["p99_us"] / 1000, 2)
    if memory:
        flat["server_rss_mb"] = max(server["peak_mb"] for server in memory.values())
    return {
        "ratios": flat,
        "ratio_ranges": found,
        "medians": middle,
        "memory": memory,
        "machine": machine(),
        "commit": command("git", "describe", "--always", "--dirty", cwd=SOURCE).strip(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "rounds": rounds,
        "raw": results,
    }


def verdict(value, target, at_most=False):
    if target is None:
        return ""
    reached = value <= target if at_most else value >= target
    sign = "<=" if at_most else ">="
    return f"{sign} {target:g}  {'reached' if reached else 'MISSED'}"


def print_table(report):
    print(f"\n{'measurement':36}{'per second':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, row in report["medians"].items():
        print(f"{name:36}{row['rate']:>12,.0f}"
              f"{row['p50_us'] / 1000:>10.2f}{row['p99_us'] / 1000:>10.2f}")
    print(f"\n{'ratio':36}{'median':>8}{'least':>8}{'greatest':>10}   target")
    for name, ratio in report["ratio_ranges"].items():
        print(f"{name:36}{ratio['median']:>8.2f}{ratio['least']:>8.2f}{ratio['greatest']:>10.2f}   "
              f"{verdict(ratio['median'], ratio['target'])}")
    flat = report["ratios"]
    for name, limit in MOST.items():
        if name in flat:
            print(f"{name:36}{flat[name]:>8.2f}{'':21}{verdict(flat[name], limit, True)}")


def write(report):
    path = BUILD / "bench.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\n{path.relative_to(SOURCE)}: commit {report['commit']}, {report['date']}")
