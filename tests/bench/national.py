# SPDX-License-Identifier: Apache-2.0
"""A state of national size, as a file that cptsctl imports: 2,000 CPTS, 35,000
rows of territory (every commune once, some twice), ten years of stages; 200,000
members come on top. Invented,
the same each time, and not meant to look like France: deploy/demo does."""
import csv
import datetime
import random

from state import SOURCE

CPTS_COUNT = 2000
TERRITORY_ROWS = 35000
# Of a unit that two claim; as the import reads it.
HALF = ":0.5"
# Added by deploy/demo/members.py.
MEMBER_COUNT = 200000
FIRST_DAY = datetime.date(2016, 9, 1)
LAST_DAY = datetime.date(2026, 9, 1)
STEP_DAYS = (90, 600)
EXIT_SHARE = 0.15
SEED = 35000
COLUMNS = ["key", "name", "lead_region", "emergence_on", "lettre_intention_on", "projet_valide_on",
           "aci_signe_on", "exit_stage", "exit_on", "territory", "synthetic"]


def read(name):
    with open(SOURCE / "sql/reference" / name, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def units():
    """(code, region) of every commune and arrondissement municipal, neighbours by
    number: one that has arrondissements is not a unit."""
    districts = read("arrondissements_municipaux.csv")
    parents = {row["parent"] for row in districts}
    found = [row for row in read("communes.csv") if row["code"] not in parents] + districts
    return [(row["code"], row["region"])
            for row in sorted(found, key=lambda row: (row["department"], row["code"]))]


def territories(found):
    """CPTS_COUNT lists of units, TERRITORY_ROWS in all: equal slices, and as many
    as are still wanted share the first unit of the next slice with it, by halves:
    validated CPTS may not claim more than one together."""
    cuts = [len(found) * n // CPTS_COUNT for n in range(CPTS_COUNT + 1)]
    slices = [found[first:last] for first, last in zip(cuts, cuts[1:])]
    wanted = TERRITORY_ROWS - len(found)
    for number in range(wanted):
        at = number * (CPTS_COUNT - 1) // max(wanted, 1)
        code, region = slices[at + 1][0]
        slices[at + 1][0] = (code.removesuffix(HALF) + HALF, region)
        slices[at].append(slices[at + 1][0])
    return slices


def stages(rng):
    """Dates of the four live stages ('' = not reached), exit stage, exit date."""
    span = (LAST_DAY - FIRST_DAY).days
    day = FIRST_DAY + datetime.timedelta(rng.randrange(span))
    dates = []
    while len(dates) < 4 and day < LAST_DAY:
        dates.append(day.isoformat())
        day += datetime.timedelta(rng.randint(*STEP_DAYS))
    leaves = day < LAST_DAY and rng.random() < EXIT_SHARE
    return (dates + [""] * (4 - len(dates)) +
            (["ABANDONNE", day.isoformat()] if leaves else ["", ""]))


def write(path):
    """Writes the file."""
    rng = random.Random(SEED)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, part in enumerate(territories(units()), 1):
            codes = " ".join(code for code, _ in part)
            writer.writerow([f"bench-{number:04d}", f"CPTS du banc {number:04d}", part[0][1],
                             *stages(rng), codes, "true"])


def dates():
    """A date of each quarter of the ten years."""
    return [f"{year}-{month:02d}-15" for year in range(2017, 2027) for month in (2, 5, 8, 11)
            if f"{year}-{month:02d}-15" < LAST_DAY.isoformat()]
