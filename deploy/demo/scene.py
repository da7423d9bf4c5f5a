#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A short scene between two CPTS of the demo: a SYNTHETIC need is referred, found,
accepted, reported and acknowledged, by cptsctl.

    deploy/demo/scene.py cast CPTSCTL REPORT         who plays: ID REGION, a line each
    deploy/demo/scene.py play CPTSCTL ORIGIN NEIGHBOUR ORIGIN_ID

REPORT is what `cptsctl import deploy/demo/cpts.csv --report REPORT` wrote; ORIGIN
and NEIGHBOUR are the profiles of both. Nobody was ever in need: the patient, the
wound and its report are invented, and the texts say so.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

ORIGIN_KEY = "demo-0337"  # CPTS Châtillon-Malakoff-Vanves
COMMUNE = "92046"  # Malakoff
# What a neighbour may lack before the scene: its keys are made for it.
ASKABLE = ("RECIPIENT_OBSTACLE_UNSPECIFIED",)
CASTABLE = (*ASKABLE, "RECIPIENT_OBSTACLE_NO_KEY")
OFFER = "SYNTHÉTIQUE. Adulte, plaie du mollet à suturer aujourd'hui, sans urgence vitale."
CONTENT = "SYNTHÉTIQUE. Mme Exemple FICTIVE, née le 1er janvier 1950 : personne inventée."
REPORT = "SYNTHÉTIQUE. Plaie suturée, quatre points, ablation à dix jours."


class Tool:
    """cptsctl; profile None = as the environment says."""

    def __init__(self, path, profile=None):
        self.words = [path]
        self.tail = ["--profile", profile] if profile else []

    def run(self, *words):
        done = subprocess.run([*self.words, *words, *self.tail], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def read(self, *words):
        return json.loads(self.run(*words, "--json"))


def origin_of(report):
    with open(report, encoding="utf-8", newline="") as file:
        return next(row["id"] for row in csv.DictReader(file) if row["key"] == ORIGIN_KEY)


def find(tool, origin_id, obstacles):
    """The first CPTS to ask, but the origin."""
    found = tool.read("referral", "find", COMMUNE, "--use-case", "snp", "--origin", origin_id)
    for one in found["candidates"]:
        if one["cptsId"] != origin_id and one["obstacle"] in obstacles:
            return one
    return sys.exit(f"no CPTS near {COMMUNE} may receive a referral")


def cast(tool, report):
    origin_id = origin_of(report)
    neighbour = find(tool, origin_id, CASTABLE)
    return [(origin_id, tool.read("cpts", "get", origin_id)["leadRegion"]),
            (neighbour["cptsId"], neighbour["leadRegion"])]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    return path


def state_of(answer):
    return answer["state"].removeprefix("ASSIGNMENT_STATE_")


def play(origin, neighbour, origin_id, folder):
    """Each step of the scene, as a line."""
    found = find(origin, origin_id, ASKABLE)
    name, distance = found["name"], found["distanceKm"]
    yield f"found         {name}, {distance:.1f} km from the commune {COMMUNE}"
    sent = origin.read("referral", "submit", "--use-case", "snp", "--urgency", "within-24h",
                       "--unit", COMMUNE, "--to", found["cptsId"], "--legal-basis", "echange",
                       "--offer", write(folder, "offer.txt", OFFER),
                       "--content", write(folder, "content.txt", CONTENT))
    referral = sent["id"]
    yield f"submitted     {referral}, sealed for it: {state_of(sent)}"
    listed = neighbour.run("referral", "inbox", "--plain")
    shown = neighbour.run("referral", "show", referral, "--open")
    if referral not in listed or OFFER not in shown or CONTENT in shown:
        sys.exit("the neighbour's inbox is not what it should be")
    yield "in its inbox  the offer opens, the identity stays sealed"
    accepted = neighbour.read("referral", "accept", referral)
    if CONTENT not in neighbour.run("referral", "show", referral, "--open"):
        sys.exit("the content does not open")
    yield f"accepted      custody moves, the identity opens: {state_of(accepted)}"
    reported = neighbour.read("referral", "report", referral, "--note",
                              write(folder, "report.txt", REPORT))
    if REPORT not in origin.run("referral", "show", referral, "--open"):
        sys.exit("the report does not open")
    yield f"reported      sealed for the origin, who opens it: {state_of(reported)}"
    closed = origin.read("referral", "acknowledge", referral)
    yield f"acknowledged  the loop is closed: {state_of(closed)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("cast", "play"))
    parser.add_argument("cptsctl")
    parser.add_argument("arguments", nargs="+")
    given = parser.parse_args()
    if given.part == "cast":
        for cpts_id, region in cast(Tool(given.cptsctl), given.arguments[0]):
            print(cpts_id, region)
        return
    *profiles, origin_id = given.arguments
    tools = [Tool(given.cptsctl, profile) for profile in profiles]
    with tempfile.TemporaryDirectory() as folder:
        for line in play(*tools, origin_id, folder):
            print(line)


if __name__ == "__main__":
    main()
