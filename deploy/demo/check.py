# SPDX-License-Identifier: Apache-2.0
"""Checks cpts.csv alone against the published figures and the rules.

Shares no code with the generator: it reads the CSV and the reference files.
"""

import csv
import re
from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent.parent / "sql" / "reference"
HEADER = ("key,name,lead_region,emergence_on,lettre_intention_on,projet_valide_on,"
          "aci_signe_on,exit_stage,exit_on,territory,synthetic")
STAGE_COLUMNS = ("emergence_on", "lettre_intention_on", "projet_valide_on",
                 "aci_signe_on")
LAST_DAY = date(2025, 5, 1)
DENOMINATOR = 68_350_798
REGIONS = 18
CONCILIATIONS = (2, 4)

# Live CPTS: date, (total, E, L, P, A); None where nothing is asked.
REQUIRED = [
    ("2019-11-30", (449, None, None, None, None)),
    ("2021-06-01", (None, None, 232, 37, 134)),
    ("2022-02-14", (712, 252, 196, 31, 233)),
    ("2022-06-01", (None, None, None, None, 282)),
    ("2023-02-15", (781, 192, 157, 41, 391)),
    ("2024-02-01", (738, 26, 137, 45, 530)),
    ("2025-05-01", (820, 24, 90, 16, 690)),
    # Published too, less surely dated.
    ("2018-09-01", (200, None, None, None, None)),
    ("2021-01-15", (618, 322, 168, 29, 99)),
    ("2021-12-20", (None, None, None, None, 173)),
    ("2022-07-27", (733, None, None, None, 306)),
]
LABELS = ("all live", "EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE")

# Covered population in percent: date, stages from, lowest, highest, what.
COVERAGE = [
    ("2021-06-01", 3, 16, 22, "ACI 19 +/- 3"),
    ("2022-06-01", 3, 33, 39, "ACI 36 +/- 3"),
    ("2024-02-01", 0, 81, 87, "all live 84 +/- 3"),
    ("2025-05-01", 0, 81, 84, "all live 81 to 84"),
    ("2025-05-01", 3, 70, 81, "ACI 70 to 81"),
    ("2019-11-30", 0, 0, 84, "all live at most 84"),
    ("2021-06-01", 0, 0, 84, "all live at most 84"),
    ("2022-02-14", 0, 0, 84, "all live at most 84"),
    ("2022-06-01", 0, 0, 84, "all live at most 84"),
    ("2023-02-15", 0, 0, 84, "all live at most 84"),
    ("2024-02-01", 0, 0, 84, "all live at most 84"),
]


def read(path):
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def leaf_population():
    """Inhabitants by unit code; parents of arrondissements are left out."""
    people = {r["code"]: int(r["population"]) for r in read(REFERENCE / "communes.csv")}
    districts = read(REFERENCE / "arrondissements_municipaux.csv")
    for row in districts:
        people.pop(row["parent"], None)
    for row in districts:
        people[row["code"]] = int(row["population"])
    return people


def region_of_units():
    result = {}
    for name in ("communes.csv", "arrondissements_municipaux.csv"):
        for row in read(REFERENCE / name):
            result[row["code"]] = row["region"]
    return result


def day(text):
    return date.fromisoformat(text) if text else None


class Cpts:
    """One row, read back."""

    def __init__(self, row):
        self.row = row
        self.key = row["key"]
        self.stages = [day(row[c]) for c in STAGE_COLUMNS]
        self.exit_on = day(row["exit_on"])
        self.territory = []
        for word in row["territory"].split(" "):
            code, _, share = word.partition(":")
            self.territory.append((code, Fraction(share or "1")))

    def stage_on(self, when):
        """Number of the stage on a day, or None when not live."""
        if self.exit_on and self.exit_on <= when:
            return None
        reached = [i for i, d in enumerate(self.stages) if d and d <= when]
        return reached[-1] if reached else None

    def population(self, people):
        return sum(people[c] * s for c, s in self.territory)


def covered_percent(register, people, when, lowest):
    """Percent of inhabitants whose unit is claimed, each counted once."""
    share = Counter()
    for cpts in register:
        stage = cpts.stage_on(when)
        if stage is not None and stage >= lowest:
            for code, part in cpts.territory:
                share[code] += part
    covered = sum(people[c] * min(1, s) for c, s in share.items())
    return float(100 * covered / DENOMINATOR)


class Report:
    def __init__(self):
        self.misses = 0

    def line(self, good, what, expected, found):
        self.misses += not good
        print(f"{'ok  ' if good else 'MISS'}  {what:<34} {expected:>20} {found:>10}")


def check_counts(report, register):
    for text, wanted in REQUIRED:
        stages = Counter(c.stage_on(date.fromisoformat(text)) for c in register)
        stages.pop(None, None)
        found = (sum(stages.values()), *(stages[i] for i in range(4)))
        for label, expected, value in zip(LABELS, wanted, found):
            if expected is not None:
                report.line(value == expected, f"{text} {label}",
                            str(expected), str(value))


def check_coverage(report, register, people):
    for text, lowest, low, high, what in COVERAGE:
        found = covered_percent(register, people, date.fromisoformat(text), lowest)
        report.line(low <= found <= high, f"{text} covered", what, f"{found:.2f} %")


def date_errors(cpts):
    errors = []
    reached = [d for d in cpts.stages if d]
    if not reached or cpts.stages[:len(reached)] != reached:
        errors.append("a stage is skipped")
    if any(a >= b for a, b in zip(reached, reached[1:])):
        errors.append("stages are not in order")
    kind = cpts.row["exit_stage"]
    if kind not in ("", "ABANDONNE", "DISSOUS", "NON_RENOUVELE"):
        errors.append("unknown exit")
    if bool(kind) != bool(cpts.exit_on):
        errors.append("exit without its date, or the reverse")
    if cpts.exit_on and reached and cpts.exit_on <= reached[-1]:
        errors.append("exit is not after the last stage")
    if kind == "NON_RENOUVELE":
        signed = cpts.stages[3]
        if not signed or not 1795 <= (cpts.exit_on - signed).days <= 1857:
            errors.append("not renewed, but not five years after signature")
    known = reached + ([cpts.exit_on] if cpts.exit_on else [])
    if any(not date(2017, 1, 1) <= d <= LAST_DAY for d in known):
        errors.append("a date is outside the period")
    if cpts.stages[3] and cpts.stages[3] < date(2019, 7, 1):
        errors.append("signed before July 2019")
    return errors


def territory_errors(cpts, people, regions):
    errors = []
    codes = [c for c, _ in cpts.territory]
    unknown = [c for c in codes if c not in people]
    if unknown:
        return [f"unknown units {unknown[:3]}"]
    if len(set(codes)) != len(codes):
        errors.append("a unit comes twice")
    if any(not 0 < s <= 1 for _, s in cpts.territory):
        errors.append("a share is not in (0, 1]")
    weight = Counter()
    for code, share in cpts.territory:
        weight[regions[code]] += people[code] * share
    if weight[cpts.row["lead_region"]] != max(weight.values()):
        errors.append("lead region is not the most populated")
    if not 8_500 <= cpts.population(people) <= 354_193:
        errors.append("population outside the published range")
    return errors


def overlaps(register):
    """Stretches of days on which a unit is claimed for more than 1.

    Yields (unit, keys, whether two of them are at PROJET_VALIDE or above).
    """
    claims = {}
    for cpts in register:
        for code, share in cpts.territory:
            claims.setdefault(code, []).append((cpts, share))
    for code, pairs in sorted(claims.items()):
        if len(pairs) < 2:
            continue
        for when in sorted({d for c, _ in pairs for d in c.stages if d}):
            live = [(c, s) for c, s in pairs if c.stage_on(when) is not None]
            if sum(s for _, s in live) > 1:
                high = [c for c, _ in live if c.stage_on(when) >= 2]
                yield code, tuple(c.key for c, _ in live), bool(high)


def check_rules(report, register, people, header):
    """Rules on rows; says whether every unit is known, so can be counted."""
    report.line(header == HEADER, "columns", "as documented",
                "yes" if header == HEADER else "no")
    for column in ("key", "name"):
        values = Counter(c.row[column].casefold() for c in register)
        twice = sum(1 for n in values.values() if n > 1)
        report.line(twice == 0, f"{column} used twice", "0", str(twice))
    named = all(re.fullmatch(r"CPTS \S.*", c.row["name"])
                and not re.search("(?i)synth[eé]ti", c.row["name"]) for c in register)
    report.line(named, "names start with CPTS", "yes", "yes" if named else "no")
    marked = all(c.row["synthetic"] == "true" for c in register)
    report.line(marked, "every row marked synthetic", "yes", "yes" if marked else "no")
    regions = region_of_units()
    errors = [f"{c.key}: {e}" for c in register
              for e in date_errors(c) + territory_errors(c, people, regions)]
    for error in errors[:20]:
        print("     ", error)
    report.line(not errors, "rows with a bad date or territory", "0", str(len(errors)))
    seen = {c.row["lead_region"] for c in register}
    report.line(len(seen) == REGIONS, "regions present", str(REGIONS), str(len(seen)))
    total = sum(people.values())
    report.line(total == DENOMINATOR, "inhabitants in the reference",
                str(DENOMINATOR), str(total))
    return all(code in people for c in register for code, _ in c.territory)


def check_overlaps(report, register):
    found = list(overlaps(register))
    projects = {keys for _, keys, high in found if not high}
    valid = [f for f in found if f[2]]
    for code, keys, _ in valid[:10]:
        print("     ", code, *keys)
    report.line(not valid, "overlaps with a stage >= 2", "0", str(len(valid)))
    low, high = CONCILIATIONS
    report.line(low <= len(projects) <= high, "overlaps of two projects",
                f"{low} to {high}", str(len(projects)))


def run(path):
    """Print the table; 0 when every line is ok, else 1."""
    with open(path, encoding="utf-8", newline="") as handle:
        header = handle.readline().rstrip("\n")
    people = leaf_population()
    register = [Cpts(row) for row in read(path)]
    report = Report()
    check_counts(report, register)
    if check_rules(report, register, people, header):
        check_coverage(report, register, people)
        check_overlaps(report, register)
    print(f"{len(register)} rows, {report.misses} missed")
    return 1 if report.misses else 0
