# SPDX-License-Identifier: Apache-2.0
"""Plausible and unique French names, from the places of each territory."""

import re

from demo_data import rows

EPCI_TYPE = re.compile(r"^(CC|CA|CU)\s+(Communauté\s+)?")
NOT_A_NAME = re.compile(r"(?i)communauté de communes|communautaire|grand paris")


def towns(parcel):
    """Town names of a parcel, the most populated first, one per block."""
    best = []
    for block in parcel.blocks:
        unit, share = max(block.units, key=lambda p: (p[0].population * p[1], p[0].code))
        best.append((-unit.population * share, unit.name, unit.code))
    names = []
    for _, name, _ in sorted(best):
        if name not in names:
            names.append(name)
    return names


def arrondissement_name(parcel):
    """`Lyon 3-6` when every unit is an arrondissement, else nothing."""
    pairs = []
    for block in parcel.blocks:
        for unit, _ in block.units:
            match = re.match(r"(.+) (\d+)er? Arrondissement$", unit.name)
            if not match:
                return ""
            pairs.append((match.group(1), int(match.group(2))))
    numbers = "-".join(str(n) for _, n in sorted(pairs))
    return f"{pairs[0][0]} {numbers}"


def epci_name(parcel):
    """The EPCI's own name, when the parcel is one EPCI."""
    block = parcel.blocks[0]
    if len(parcel.blocks) > 1 or not block.epci or NOT_A_NAME.search(block.label):
        return ""
    name = EPCI_TYPE.sub("", block.label)
    return re.sub(r"\s*\([^)]*\)", "", name).replace(",", " -").strip()


def candidates(parcel, departments):
    """Names to try, the most natural first."""
    place = towns(parcel)
    first = place[0]
    department = departments[parcel.department]
    special = arrondissement_name(parcel)
    if special:
        place = [special]
        first = special
    if parcel.suffix:
        first = f"{first} {parcel.suffix}"
        yield first
    if epci_name(parcel):
        yield epci_name(parcel)
    if len(place) in (2, 3):
        yield "-".join(place)
    if len(place) > 1:
        yield f"{first} - {place[1]}"
    yield first
    if sum(len(b.units) for b in parcel.blocks) == 1:
        yield f"{first} Santé"
    yield f"{first} et environs"
    yield f"Bassin de {first}"
    if len(place) > 1:
        yield f"{place[1]} - {first}"
    yield f"{first} ({department})"
    yield f"{first} et environs ({department})"
    for number in range(2, 10):
        yield f"{first} {number} ({department})"


class Namer:
    """Gives names, each once."""

    def __init__(self):
        self.used = set()
        self.departments = {r["code"]: r["name"] for r in rows("departments.csv")}

    def name(self, parcel):
        for candidate in candidates(parcel, self.departments):
            name = f"CPTS {candidate}"
            if name.casefold() not in self.used:
                self.used.add(name.casefold())
                return name
        raise SystemExit("no free name")
