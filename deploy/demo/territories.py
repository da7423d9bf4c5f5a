# SPDX-License-Identifier: Apache-2.0
"""Partition of the country into candidate territories (parcels).

Whole EPCI are grouped with their neighbours; large EPCI are cut by commune;
Paris, Lyon and Marseille by arrondissement; the largest communes by share.
"""

from demo_data import distance, load_epci, make_block

WHOLE_EPCI = 135_000     # a larger EPCI is cut by commune ...
KEEP_WHOLE = 355_000     # ... unless chance keeps it whole, up to this size
LARGEST = 354_193        # published bounds of real CPTS
SMALLEST = 8_500
MEDIAN_SIZE, SPREAD = 49_000, 0.46
CROSS_BORDER = 0.005
ABSORB = 30_000          # most smaller leftovers join a neighbour

# Territories set by hand, as units "code" or "code:share".
SHARED = {
    "31555": ("Nord", "Est", "Sud", "Ouest"), "06088": ("Est", "Ouest"),
    "44109": ("Nord", "Sud"), "34172": ("Nord", "Sud"),
    "67482": ("Nord", "Sud"), "33063": ("Nord", "Sud"),
    "59350": ("Est", "Ouest"), "35238": ("Nord", "Sud"),
    "75115": ("Nord", "Sud"), "75118": ("Est", "Ouest"),
}
BY_HAND = [
    "92020 92046 92075", "92049 92007",
    "75101 75102 75103 75104", "75105", "75106 75107", "75108", "75109",
    "75110", "75111", "75112", "75113", "75114", "75116", "75117", "75119",
    "75120", "69381 69382 69384", "69383 69386", "69385 69389", "69387",
    "69388", "13201 13206 13207", "13202 13203", "13204 13205",
    "13208 13209", "13210 13211 13212", "13213 13214", "13215 13216",
]


class Parcel:
    """A candidate territory: blocks, and a suffix for names when shared."""

    def __init__(self, blocks, suffix="", fixed=False):
        self.blocks = blocks
        self.suffix = suffix
        self.fixed = fixed
        self.population = sum(b.population for b in blocks)
        self.department = max(blocks, key=lambda b: b.population).department
        weight = {}
        for block in blocks:
            for unit, share in block.units:
                weight[unit.region] = weight.get(unit.region, 0) + unit.population * share
        self.region = max(sorted(weight), key=weight.get)

    def has(self, code):
        return any(u.code == code for b in self.blocks for u, _ in b.units)


def parcels_by_hand(units):
    """The parcels of SHARED and BY_HAND, and the unit codes they use."""
    parcels, used = [], set()
    for code, sides in sorted(SHARED.items()):
        for side in sides:
            block = make_block(units[code].name, [(units[code], 1 / len(sides))])
            parcels.append(Parcel([block], side, True))
        used.add(code)
    for line in BY_HAND:
        codes = line.split()
        blocks = [make_block(units[c].name, [(units[c], 1.0)]) for c in codes]
        parcels.append(Parcel(blocks, "", True))
        used.update(codes)
    return parcels, used


def epci_blocks(rng, units, used):
    """Blocks of everything else: whole EPCI, or the communes of large ones."""
    epci, members = load_epci(), {}
    for unit in units.values():
        if unit.code not in used:
            members.setdefault(unit.epci, []).append(unit)
    blocks = []
    for siren in sorted(members):
        group = members[siren]
        people = sum(u.population for u in group)
        cut = people > WHOLE_EPCI or any(u.epci == siren for u in units.values()
                                         if u.code in used)
        if cut and people < KEEP_WHOLE and rng.random() < 0.4:
            cut = False
        if cut:
            blocks += [make_block(u.name, [(u, 1.0)]) for u in group]
        else:
            blocks.append(make_block(epci[siren]["name"],
                                     [(u, 1.0) for u in group], siren))
    return blocks


def grow(rng, seed, free, target):
    """One parcel: the seed, then its nearest free blocks up to the target."""
    chosen, people = [seed], seed.population
    far = 45 if seed.epci else 25
    while people < target:
        near = [b for b in free
                if b not in chosen and distance(seed, b) < far
                and (b.department == seed.department or rng.random() < CROSS_BORDER)
                and people + b.population < max(target * 1.25, 30_000)]
        if not near:
            break
        best = min(near, key=lambda b: (min(distance(c, b) for c in chosen[-6:])
                                        + 0.5 * distance(seed, b), b.label))
        chosen.append(best)
        people += best.population
    return chosen


def partition_rest(rng, blocks):
    """Grow parcels department by department, from its edge inwards."""
    parcels, taken = [], set()
    for department in sorted({b.department for b in blocks}):
        home = [b for b in blocks if b.department == department]
        middle = make_block("", [pair for b in home for pair in b.units])
        home.sort(key=lambda b: (-distance(middle, b), b.label))
        nearby = [b for b in blocks if b.department == department
                  or distance(middle, b) < 120]
        for seed in home:
            if id(seed) in taken:
                continue
            free = [b for b in nearby if id(b) not in taken]
            target = min(rng.lognormvariate(0, SPREAD) * MEDIAN_SIZE, 300_000)
            chosen = grow(rng, seed, free, target)
            taken.update(id(b) for b in chosen)
            parcels.append(chosen)
    return parcels


def absorb_small(rng, groups):
    """Join most very small leftovers to a near group of the same department."""
    kept = []
    order = sorted(groups, key=lambda g: -sum(b.population for b in g))
    for group in order:
        people = sum(b.population for b in group)
        limit = ABSORB if rng.random() < 0.8 else SMALLEST
        hosts = [k for k in kept if k[0].department == group[0].department
                 and sum(b.population for b in k) + people < 190_000]
        if people < limit and hosts:
            host = min(hosts, key=lambda k: min(distance(a, b) for a in k
                                                for b in group))
            if min(distance(a, group[0]) for a in host) < 40:
                host += group
                continue
        kept.append(group)
    return kept


def partition(rng, units):
    """Every parcel of the country that has the size of a CPTS."""
    parcels, used = parcels_by_hand(units)
    groups = partition_rest(rng, epci_blocks(rng, units, used))
    parcels += [Parcel(g) for g in absorb_small(rng, groups)]
    return [p for p in parcels if SMALLEST <= p.population <= LARGEST]


def split(parcel, count):
    """Cut a parcel into `count` parts along its length, near equal in people."""
    blocks = parcel.blocks
    middle = make_block("", [pair for b in blocks for pair in b.units])
    end = max(blocks, key=lambda b: (distance(middle, b), b.label))
    line = sorted(blocks, key=lambda b: (distance(end, b), b.label))
    parts, people = [[]], 0
    for i, block in enumerate(line):
        enough = people + block.population / 2 > parcel.population * len(parts) / count
        if parts[-1] and len(parts) < count and (
                enough or len(line) - i <= count - len(parts)):
            parts.append([])
        parts[-1].append(block)
        people += block.population
    return [Parcel(part) for part in parts]


def can_split(parcel, count, least):
    """Whether each of `count` parts would have at least `least` people."""
    if parcel.fixed or len(parcel.blocks) < count:
        return False
    parts = split(parcel, count)
    return len(parts) == count and all(p.population >= least for p in parts)
