#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SYNTHETIC members, missions and results for three CPTS of the demo.

    deploy/demo/contracts.py build/bin/cptsctl REPORT

REPORT is what `cptsctl import deploy/demo/cpts.csv --report REPORT` wrote: it
tells the ids. Nothing in it happened to anybody: the members of members.py bear
numbers that nobody has, the CPTS are synthetic and every board that counts them
says so. Run again, it adds what is missing and changes nothing else.
"""
import argparse
import csv
import datetime
import io
import json
import os
import subprocess
import sys
import tempfile
from concurrent import futures

import members

# Key of deploy/demo/cpts.csv: members, and months from the signature of the ACI to the
# start and to the full deployment of each mission (None: not yet).
CONTRACTS = {
    "demo-0008": (70, {"acces_aux_soins": (4, 15), "parcours": (9, 22), "prevention": (10, 23),
                       "soins_non_programmes": (12, None), "crise_sanitaire": (25, 38)}),
    "demo-0013": (45, {"acces_aux_soins": (6, 18), "parcours": (12, 24), "prevention": (12, None),
                       "crise_sanitaire": (22, None)}),
    "demo-0015": (30, {"acces_aux_soins": (5, None), "parcours": (20, None)}),
}
# Those whose ACI was renewed, after five years.
RENEWED, RENEWAL_MONTHS = ("demo-0008", "demo-0013"), 60
INDICATOR = "DEPISTAGE_SEIN"
BASELINE, STEPS = "66.26", ("69.7=1000", "72.4=2500", "75=3500")
# By CPTS, in the order above; those of the first year are approved and locked.
VALUES = {"2023": ("72.6", "70.1", "65.9"), "2024": ("75.4", "71.8", "67.2")}
SEED = 8


class Tool:
    """cptsctl, as the environment says where and as whom."""

    def __init__(self, path):
        self.path = path

    def run(self, *words):
        done = subprocess.run([self.path, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def read(self, *words):
        return json.loads(self.run(*words, "--json"))

    def do(self, *words):
        self.run(*words, "--quiet")


def read_ids(path):
    """{key: id} of the CPTS that the report names."""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["key"]: row["id"] for row in csv.DictReader(file) if row["key"] in CONTRACTS}


def months_after(date, months):
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return date.replace(year=year, month=month + 1, day=1).isoformat()


def record_renewal(tool, cpts_id, signed_on):
    shown = tool.read("lifecycle", "show", cpts_id)
    if not any(one["kind"] == "ACI_RENOUVELE" for one in shown.get("milestones", ())):
        tool.do("lifecycle", "milestone", cpts_id, "ACI_RENOUVELE", "--on",
                months_after(signed_on, RENEWAL_MONTHS))


def record_missions(tool, cpts_id, missions):
    """@return when the ACI was signed."""
    listed = tool.read("mission", "list", cpts_id)
    signed_on = datetime.date.fromisoformat(listed["signedOn"])
    known = {(one["mission"], step["status"]) for one in listed["missions"]
             for step in one.get("steps", ())}
    for mission, dates in missions.items():
        for status, months in zip(("STARTED", "DEPLOYED"), dates):
            if months is not None and (mission, f"MISSION_STATUS_{status}") not in known:
                tool.do("mission", "set", cpts_id, mission, status, "--on",
                        months_after(signed_on, months))
    return signed_on


def record_target(tool, cpts_id):
    shown = tool.read("indicator", "show", cpts_id)
    if not any(one.get("thresholds") for one in shown.get("indicators", ())):
        tool.do("indicator", "target", cpts_id, INDICATOR, "--on", "2022-01-01", "--baseline",
                BASELINE, "--published", *(word for step in STEPS for word in ("--step", step)))


def settle(tool, cpts_id, year):
    shown = tool.read("indicator", "show", cpts_id)
    states = {result["value"]["state"] for one in shown["indicators"]
              for result in one.get("results", ()) if result["value"]["period"] == year}
    if states & {"INDICATOR_STATE_SUBMITTED"}:
        tool.do("indicator", "approve", cpts_id, year)
    if states & {"INDICATOR_STATE_SUBMITTED", "INDICATOR_STATE_APPROVED"}:
        tool.do("indicator", "lock", cpts_id, year)


def import_rows(tool, verb, text):
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        tool.do(verb, "import", file.name)


def members_of(ids):
    """The list, with a title that says what it is."""
    text = io.StringIO()
    counts = [(ids[key], count) for key, (count, _) in CONTRACTS.items()]
    members.write([(cpts_id, count - 1) for cpts_id, count in counts],
                  sum(count for _, count in counts), SEED, text)
    return text.getvalue()


def values_of(ids):
    return "cpts_id,indicator,period,value\n" + "".join(
        f"{ids[key]},{INDICATOR},{year},{value}\n"
        for year, values in VALUES.items() for key, value in zip(CONTRACTS, values))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cptsctl")
    parser.add_argument("report")
    arguments = parser.parse_args()
    tool, ids = Tool(os.path.abspath(arguments.cptsctl)), read_ids(arguments.report)
    if set(ids) != set(CONTRACTS) or not all(ids.values()):
        sys.exit(f"{arguments.report} does not name the demo's CPTS")

    def contract(key):
        signed_on = record_missions(tool, ids[key], CONTRACTS[key][1])
        if key in RENEWED:
            record_renewal(tool, ids[key], signed_on)
        record_target(tool, ids[key])

    import_rows(tool, "members", members_of(ids))
    with futures.ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(contract, CONTRACTS))
        import_rows(tool, "indicator", values_of(ids))
        list(pool.map(lambda key: settle(tool, ids[key], min(VALUES)), CONTRACTS))


if __name__ == "__main__":
    main()
