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
    "get_cpts_vs_node": ("get_cpts", "get_cpts_node", 2.0),
    "get_cpts_vs_node_pipelined": ("get_cpts", "get_cpts_node_pipelined", None),
    "get_cpts_mtls_rls_cost": ("get_cpts", "get_cpts_insecure_noscope", None),
    "record_stage_vs_pgbench": ("record_stage", "record_stage_pgbench", 3.0),
    "record_stage_vs_plain_insert": ("record_stage", "record_stage_pgbench_plain", 0.7),
    "record_stage_vs_node": ("record_stage", "record_stage_node", 2.0),
    "record_stage_vs_node_pipelined": ("record_stage", "record_stage_node_pipelined", None),
    "record_stage_vs_node_plain": ("record_stage", "record_stage_node_plain", None),
    "record_stage_vs_etcd": ("record_stage", "record_stage_etcd", None),
    "record_stage_mtls_rls_cost": ("record_stage", "record_stage_insecure_noscope", None),
    "echo_mtls_cost": ("echo", "echo_insecure", None),
    "get_coverage_mtls_rls_cost": ("get_coverage", "get_coverage_insecure_noscope", None),
    "record_stage_open_snapshot": ("record_stage_snapshot", "record_stage_no_snapshot", 0.8),
    "watch_messages_vs_bare": ("watch_messages", "watch_messages_bare", None),
    "watch_messages_insecure_vs_bare":
        ("watch_messages_insecure", "watch_messages_insecure_bare", None),
    "referral_submit_vs_pgbench": ("referral_submit", "referral_submit_pgbench", 3.0),
    "referral_submit_vs_plain_insert": ("referral_submit", "referral_submit_pgbench_plain", 0.7),
    "referral_submit_vs_node": ("referral_submit", "referral_submit_node", None),
    "referral_submit_vs_etcd": ("referral_submit", "referral_submit_etcd", None),
    "referral_accept_vs_pgbench": ("referral_accept", "referral_accept_pgbench", 3.0),
    "referral_accept_vs_plain_insert": ("referral_accept", "referral_accept_pgbench_plain", 0.7),
    "referral_accept_vs_node": ("referral_accept", "referral_accept_node", None),
    "referral_accept_vs_etcd": ("referral_accept", "referral_accept_etcd", None),
    "federation_catch_up_vs_logical":
        ("federation_catch_up", "federation_catch_up_logical", 0.5),
    "federation_bootstrap_vs_dump": ("federation_bootstrap", "federation_bootstrap_dump", None),
    "referral_submit_growth": ("referral_submit_many", "referral_submit", 0.8),
}
AT_LEAST, AT_MOST = ">=", "<="
# figure: (measurement, key, divided by, sign, limit). A * stands for all whose
# names begin so: the worst of them.
FIGURES = {
    "get_coverage_p99_ms": ("get_coverage", "p99_us", 1000, AT_MOST, 20),
    "boards_p99_ms": ("board_*", "p99_us", 1000, AT_MOST, 100),
    "single_reads_p99_ms": ("read_*", "p99_us", 1000, AT_MOST, 5),
    "watch_messages_per_s": ("watch_messages", "rate", 1, AT_LEAST, 300000),
    "watch_messages_insecure_per_s": ("watch_messages_insecure", "rate", 1, AT_LEAST, 300000),
    "watch_live_per_s": ("watch_live", "rate", 1, AT_LEAST, 300000),
    "watch_replay_per_s": ("watch_replay", "rate", 1, AT_LEAST, None),
    "watch_subscriber_kb": ("watch_subscribers", "kb_each", 1, AT_MOST, 32),
    "watch_subscriber_own_connection_kb":
        ("watch_subscribers_own_connection", "kb_each", 1, AT_MOST, None),
    "watch_subscriber_own_connection_insecure_kb":
        ("watch_subscribers_insecure_own_connection", "kb_each", 1, AT_MOST, None),
    "watch_last_of_1000_p50_ms": ("watch_subscribers", "p50_us", 1000, AT_MOST, None),
    "watch_last_of_1000_p99_ms": ("watch_subscribers", "p99_us", 1000, AT_MOST, None),
    "referral_inbox_p99_ms": ("referral_inbox", "p99_us", 1000, AT_MOST, 5),
    "referral_clocks_late_p99_ms": ("referral_clocks*", "p99_us", 1000, AT_MOST, 1000),
    "federation_seen_elsewhere_p50_ms":
        ("federation_seen_elsewhere", "p50_us", 1000, AT_MOST, None),
    "federation_seen_elsewhere_p99_ms":
        ("federation_seen_elsewhere", "p99_us", 1000, AT_MOST, None),
    "federation_eighteen_mb_each": ("federation_eighteen", "kb_each", 1024, AT_MOST, 64),
    "federation_eighteen_converge_s": ("federation_eighteen", "seconds", 1, AT_MOST, None),
    "server_rss_mb": (None, None, 1, AT_MOST, 64),
}
KEYS = ("rate", "p50_us", "p99_us", "kb_each", "seconds", "answered_p50_us", "answered_p99_us")


def medians(results):
    """Of each measurement and each key it has: the median over the rounds."""
    return {name: {key: round(statistics.median(r[key] for r in rounds), 1)
                   for key in KEYS if key in rounds[0]}
            for name, rounds in results.items()}


def figure(middle, of, key, divided_by, sign):
    """One figure of the medians; None when it was not measured."""
    names = [name for name in middle
             if name == of or (of.endswith("*") and name.startswith(of[:-1]))]
    found = [middle[name][key] for name in names]
    if not found:
        return None
    return round((max if sign == AT_MOST else min)(found) / divided_by, 2)


def figures(middle, memory):
    """Every figure that was measured. The memory is the most a server ever held."""
    found = {}
    for name, (of, key, divided_by, sign, _) in FIGURES.items():
        if of is not None:
            found[name] = figure(middle, of, key, divided_by, sign)
        elif memory:
            found[name] = max(server["peak_mb"] for server in memory.values())
    return {name: value for name, value in found.items() if value is not None}


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
    return {
        "ratios": {name: ratio["median"] for name, ratio in found.items()},
        "figures": figures(middle, memory),
        "ratio_ranges": found,
        "medians": middle,
        "memory": memory,
        "machine": machine(),
        "commit": command("git", "describe", "--always", "--dirty", cwd=SOURCE).strip(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "rounds": rounds,
        "raw": results,
    }


def verdict(value, target, sign=AT_LEAST):
    if target is None:
        return ""
    reached = value <= target if sign == AT_MOST else value >= target
    return f"{sign} {target:g}  {'reached' if reached else 'MISSED'}"


def measurement_line(name, row):
    def milliseconds(key):
        return f"{row[key] / 1000:>10.2f}" if key in row else f"{'':10}"
    return f"{name:44}{row['rate']:>12,.0f}{milliseconds('p50_us')}{milliseconds('p99_us')}"


def print_table(report):
    print(f"\n{'measurement':44}{'per second':>12}{'p50 ms':>10}{'p99 ms':>10}")
    for name, row in report["medians"].items():
        print(measurement_line(name, row))
    print(f"\n{'ratio':44}{'median':>8}{'least':>8}{'greatest':>10}   target")
    for name, ratio in report["ratio_ranges"].items():
        print(f"{name:44}{ratio['median']:>8.2f}{ratio['least']:>8.2f}{ratio['greatest']:>10.2f}   "
              f"{verdict(ratio['median'], ratio['target'])}")
    print(f"\n{'figure':44}{'median':>12}{'':17}target")
    for name, value in report["figures"].items():
        sign, limit = FIGURES[name][3:]
        print(f"{name:44}{value:>12,.2f}{'':17}{verdict(value, limit, sign)}")


def write(report):
    path = BUILD / "bench.json"
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\n{path.relative_to(SOURCE)}: commit {report['commit']}, {report['date']}")
