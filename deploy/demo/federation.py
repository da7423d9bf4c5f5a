#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What three nodes show: a record that changes in its region and is seen nationally, a
region that is cut off, works and comes back, a SYNTHETIC referral between two regions.

    deploy/demo/federation.py cast CPTSCTL REPORT        who plays: NAME ID REGION, a line each
    deploy/demo/federation.py seen|alone|back CPTSCTL REGION_PROFILE "ID REGION"
    deploy/demo/federation.py refer CPTSCTL ORIGIN NEIGHBOUR "ID REGION" "ID REGION"

REPORT is what `cptsctl import deploy/demo/cpts.csv --report REPORT` wrote. The profile of
the national node is the environment's.
"""
import argparse
import csv
import os
import sys
import tempfile
import time

from scene import CONTENT, OFFER, REPORT, Tool, state_of, write

# CPTS of the demo, both with a signed contract: in Île-de-France and in Pays de la Loire.
PLAYERS = (("idf", "11"), ("pdl", "52"))
COMMUNE = "92046"  # Malakoff
WAIT_S = 60


def ids_of(report):
    with open(report, encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file) if row["id"]]


def cast(tool, report):
    """The first CPTS of each region that may receive referrals."""
    known = set(ids_of(report))
    for name, region in PLAYERS:
        listed = tool.read("cpts", "list", "--region", region, "--stage", "ACI_SIGNE")["cpts"]
        yield name, next(one["id"] for one in listed if one["id"] in known), region


def site_of(tool, cpts_id):
    return tool.read("cpts", "get", cpts_id).get("website", "")


def wait_for(condition, what):
    limit = time.monotonic() + WAIT_S
    started = time.monotonic()
    while not condition():
        if time.monotonic() > limit:
            sys.exit(f"not in {WAIT_S} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - started


def seen(national, region, cpts_id):
    before, name = site_of(region, cpts_id), region.read("cpts", "get", cpts_id)["name"]
    site = "https://idf.example" if before == "https://un.example" else "https://un.example"
    region.run("cpts", "update", cpts_id, "--website", site)
    waited = wait_for(lambda: site_of(national, cpts_id) == site, "the change seen nationally")
    yield f"changed       {name}, at the node of its region"
    yield f"seen          at the national node, after {waited:.1f} s"


def alone(region, cpts_id):
    region.run("cpts", "update", cpts_id, "--website", "https://seule.example")
    yield "cut off       the national node is stopped; the region goes on working"


def back(national, region, cpts_id):
    waited = wait_for(lambda: site_of(national, cpts_id) == site_of(region, cpts_id),
                      "what the region did alone")
    yield f"back          the national node has what the region did alone, after {waited:.1f} s"


def try_until(tool, *words):
    """A step that waits for what the other node has to know first."""
    found = []

    def works():
        try:
            found.append(tool.read(*words))
        except SystemExit as failure:
            found[:] = []
            works.failure = failure
            return False
        return True
    limit = time.monotonic() + WAIT_S
    while not works():
        if time.monotonic() > limit:
            raise works.failure
        time.sleep(0.2)
    return found[0]


def refer(origin, neighbour, neighbour_id, folder):
    """A referral from the one region to the other, each at its own node."""
    sent = try_until(origin, "referral", "submit", "--use-case", "snp", "--urgency", "within-24h",
                     "--unit", COMMUNE, "--to", neighbour_id, "--legal-basis", "echange",
                     "--offer", write(folder, "offer.txt", OFFER),
                     "--content", write(folder, "content.txt", CONTENT))
    referral = sent["id"]
    yield f"referred      {referral}, from region 11 to region 52: {state_of(sent)}"
    accepted = try_until(neighbour, "referral", "accept", referral)
    yield f"accepted      in region 52, at its own node: {state_of(accepted)}"
    try_until(neighbour, "referral", "report", referral, "--note",
              write(folder, "report.txt", REPORT))
    wait_for(lambda: REPORT in origin.run("referral", "show", referral, "--open"), "the report")
    closed = try_until(origin, "referral", "acknowledge", referral)
    yield f"acknowledged  in region 11: {state_of(closed)}"


def id_of(word):
    return word.split()[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("cast", "seen", "alone", "back", "refer"))
    parser.add_argument("cptsctl")
    parser.add_argument("arguments", nargs="+")
    given = parser.parse_args()
    words, national = given.arguments, Tool(given.cptsctl)
    if given.part == "cast":
        for line in cast(national, words[0]):
            print(*line)
        return
    first = Tool(given.cptsctl, words[0])
    with tempfile.TemporaryDirectory() as folder:
        lines = {"seen": lambda: seen(national, first, id_of(words[1])),
                 "alone": lambda: alone(first, id_of(words[1])),
                 "back": lambda: back(national, first, id_of(words[1])),
                 "refer": lambda: refer(first, Tool(given.cptsctl, words[1]), id_of(words[3]),
                                        folder)}
        for line in lines[given.part]():
            print(line)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()
