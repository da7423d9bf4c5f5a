# SPDX-License-Identifier: Apache-2.0
"""Reference data read by the demo generator: units, EPCI, positions, blocks.

A *unit* is a commune without arrondissements, or an arrondissement municipal.
A *block* is what a territory is built from: a whole EPCI, one commune of a
large EPCI, one arrondissement, or a share of a very large commune.
"""

import csv
import math
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = HERE.parent.parent / "sql" / "reference"
OUTPUT = HERE / "cpts.csv"
COLUMNS = [
    "key", "name", "lead_region", "emergence_on", "lettre_intention_on",
    "projet_valide_on", "aci_signe_on", "exit_stage", "exit_on",
    "territory", "synthetic",
]
PARENTS = ("13055", "69123", "75056")

Unit = namedtuple("Unit", "code name department region epci population lat lon")
Block = namedtuple("Block", "label epci units population department region lat lon")
# Block.units is a tuple of (Unit, share).


def rows(name):
    """Rows of one reference file, as dictionaries."""
    with open(REFERENCE / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def distance(a, b):
    """Kilometres between two things with lat and lon, good enough nearby."""
    dy = (a.lat - b.lat) * 111.2
    dx = (a.lon - b.lon) * 111.2 * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.hypot(dx, dy)


def load_epci():
    """EPCI by SIREN, with position as floats."""
    result = {}
    for row in rows("epci.csv"):
        row["lat"], row["lon"] = float(row["lat"]), float(row["lon"])
        result[row["siren"]] = row
    return result


def commune_position(row, epci):
    """Own position; the EPCI's when there is none, or when it is far astray."""
    home = epci.get(row["epci"])
    if not row["lat"]:
        return (home["lat"], home["lon"]) if home else None
    lat, lon = float(row["lat"]), float(row["lon"])
    if home and math.hypot(lat - home["lat"], lon - home["lon"]) > 0.8:
        return home["lat"], home["lon"]
    return lat, lon


def load_units():
    """Units by code; the few communes that have no EPCI are left out."""
    epci, units, parents = load_epci(), {}, {}
    for row in rows("communes.csv"):
        position = commune_position(row, epci)
        if not row["epci"] or position is None:
            continue
        unit = Unit(row["code"], row["name"], row["department"], row["region"],
                    row["epci"], int(row["population"]), *position)
        if unit.code in PARENTS:
            parents[unit.code] = unit
        else:
            units[unit.code] = unit
    for row in rows("arrondissements_municipaux.csv"):
        parent = parents[row["parent"]]
        units[row["code"]] = Unit(
            row["code"], row["name"], row["department"], row["region"],
            parent.epci, int(row["population"]), parent.lat, parent.lon)
    return units


def make_block(label, shares, epci=""):
    """Block of (unit, share) pairs; it belongs where most people live."""
    weight, lat, lon, people = {}, 0.0, 0.0, 0.0
    for unit, share in shares:
        part = unit.population * share
        place = (unit.department, unit.region)
        weight[place] = weight.get(place, 0) + part
        lat, lon, people = lat + unit.lat * part, lon + unit.lon * part, people + part
    department, region = max(sorted(weight), key=weight.get)
    if not people:
        lat, lon, people = shares[0][0].lat, shares[0][0].lon, 0
        return Block(label, epci, tuple(shares), 0, department, region, lat, lon)
    return Block(label, epci, tuple(shares), people, department, region,
                 lat / people, lon / people)
