# SPDX-License-Identifier: Apache-2.0
"""Gives each history a territory, so that coverage meets the published rates.

Histories that follow one another on the same ground form a *root*:
  plain    one CPTS, still live;
  dead     one CPTS that left, its ground is a zone blanche afterwards;
  reclaim  one that left, then another on the same ground;
  merge    two small projects abandoned, then one on both grounds;
  split    one large project abandoned, then two or three on parts of it.
Each root takes one parcel; groups of roots take parcels of a given total size.
"""

from datetime import date, timedelta

from histories import ACI, LETTRE, REGROUP, RESPLIT
from territories import can_split, split

DENOMINATOR = 68_350_798
JUNE_2021, JUNE_2022 = date(2021, 6, 1), date(2022, 6, 1)
SHARE_ACI_2021, SHARE_ACI_2022, SHARE_LIVE_2024 = 0.1905, 0.361, 0.835
MEAN_DEAD, MEAN_MERGE, MEAN_SPLIT, MEAN_OTHER = 38_000, 86_000, 92_000, 34_000
RECLAIMED_EARLY, RECLAIMED_LATE, FRESH_LATE = 65, 10, 6
MERGED_PAIRS = 50

# Wished covered share; 9 = all of it; a single CPTS near a size for two.
REGION_WISH = {
    "11": 0.88, "24": 9, "27": 0.88, "28": 0.82, "32": 0.87, "44": 0.98,
    "52": 0.89, "53": 0.88, "75": 0.88, "76": 0.86, "84": 0.86, "93": 0.86,
    "01": 0.60, "02": 9, "03": 0.55, "04": 9,
}
DEPARTMENT_WISH = {"15": 0.3, "51": 0.3, "64": 0.3}
SINGLE = {"94": 75_000, "06": 92_000}
FLAGSHIP = ("92020", "92049")   # Châtillon-Malakoff-Vanves and its neighbour


class Root:
    """Histories on one ground: `before` on parts or whole, then `after`."""

    def __init__(self, kind, before, after):
        self.kind, self.before, self.after = kind, before, after
        self.parcel = None

    @property
    def histories(self):
        return self.before + self.after

    @property
    def left(self):
        return [h for h in self.histories if h.left is not None]

    def aci_by(self, day):
        return any(h.aci_by(day) for h in self.histories)


def take(pool, count):
    """The first `count` of a list, removed from it."""
    taken = pool[:count]
    del pool[:count]
    return taken


def build_roots(rng, histories):
    """Every history in exactly one root."""
    leavers = [h for h in histories if h.left is not None]
    stayers = [h for h in histories if h.left is None]
    late_in = [h for h in stayers if h.entered == RESPLIT]
    regroup_in = [h for h in stayers if h.entered == REGROUP]
    rng.shuffle(late_in)
    rng.shuffle(regroup_in)
    roots = merge_roots(rng, leavers, regroup_in)
    roots += split_roots(rng, leavers, late_in)
    used = {h.serial for r in roots for h in r.histories}
    leavers = [h for h in leavers if h.serial not in used]
    stayers = [h for h in stayers if h.serial not in used]
    roots += reclaim_roots(rng, leavers, stayers)
    used = {h.serial for r in roots for h in r.histories}
    for history in histories:
        if history.serial not in used:
            kind = "plain" if history.left is None else "dead"
            roots.append(Root(kind, [], [history]))
    return roots


def in_sequence(root):
    """The root, when every exit comes before the entries that follow it."""
    gone = max(h.exit_on for h in root.before)
    if any(h.dates[0] <= gone for h in root.after):
        raise SystemExit(f"{root.kind}: ground claimed before it is free")
    return root


def merge_roots(rng, leavers, entrants):
    pool = [h for h in leavers if h.left == REGROUP and h.stage < ACI
            and h.entered < REGROUP]
    rng.shuffle(pool)
    pool = sorted(pool[:2 * MERGED_PAIRS], key=lambda h: h.exit_on)
    # In order of date on both sides, so that each comes after its own pair.
    entrants = sorted(entrants[:MERGED_PAIRS], key=lambda h: h.dates[0])
    return [in_sequence(Root("merge", take(pool, 2), [after]))
            for after in entrants]


def split_roots(rng, leavers, entrants):
    """The last entrants, but for a few, are parts of what was abandoned."""
    pool = [h for h in leavers if h.left == RESPLIT and h.stage < ACI]
    children = len(entrants) - RECLAIMED_LATE - FRESH_LATE
    thirds = children - 2 * len(pool)
    pool.sort(key=lambda h: h.exit_on)
    entrants = sorted(entrants[:children], key=lambda h: h.dates[0])
    triples = set(rng.sample(range(len(pool)), thirds))
    return [in_sequence(Root("split", [h], take(entrants, 3 if i in triples else 2)))
            for i, h in enumerate(pool)]


def reclaim_roots(rng, leavers, stayers):
    roots = []
    early = [h for h in leavers if h.left < REGROUP and h.stage < ACI]
    late = [h for h in leavers if h.left == REGROUP and h.stage < ACI]
    rng.shuffle(early)
    rng.shuffle(late)
    free = list(stayers)
    rng.shuffle(free)
    for old in early[:RECLAIMED_EARLY] + late[:RECLAIMED_LATE]:
        ready = old.exit_on + timedelta(days=30)
        match = next((h for h in free if h.dates[0] > ready), None)
        if match:
            free.remove(match)
            roots.append(Root("reclaim", [old], [match]))
    return roots


def wish(parcel):
    return DEPARTMENT_WISH.get(parcel.department, REGION_WISH.get(parcel.region, 0))


def ordinary(parcel):
    """Whether a CPTS may leave this ground: no constraint is set on it."""
    return (parcel.region not in SINGLE and wish(parcel) <= 1
            and not any(parcel.has(c) for c in FLAGSHIP))


def tune(rng, chosen, others, total, swappable):
    """Swap members until the population of `chosen` is near `total`."""
    gap = total - sum(p.population for p in chosen)
    for _ in range(60_000):
        if abs(gap) < 20_000 or not others:
            break
        i, j = rng.randrange(len(chosen)), rng.randrange(len(others))
        gain = others[j].population - chosen[i].population
        if abs(gap - gain) < abs(gap) and swappable(chosen[i], others[j]):
            chosen[i], others[j] = others[j], chosen[i]
            gap -= gain


def choose_covered(rng, parcels, count, total):
    """The parcels that are ever claimed; the others stay zones blanches."""
    forced = [p for p in parcels if any(p.has(c) for c in FLAGSHIP)]
    for region, size in sorted(SINGLE.items()):
        home = [p for p in parcels if p.region == region]
        forced.append(min(home, key=lambda p: abs(p.population - size)))
    forced += [p for p in parcels if wish(p) > 1]
    rest = [(wish(p) - rng.random(), i, p) for i, p in enumerate(parcels)
            if p not in forced and p.region not in SINGLE]
    rest.sort(reverse=True)
    chosen = [p for _, _, p in rest[:count - len(forced)]]
    others = [p for _, _, p in rest[count - len(forced):]]
    tune(rng, chosen, others, total - sum(p.population for p in forced),
         lambda a, b: a.region == b.region)
    return forced + chosen


def settle(rng, roots, free, total, fits, near=None):
    """Give `roots` parcels of `free` that fit and have `total` people."""
    pool = [p for p in free if fits(p)]
    if len(pool) < len(roots):
        raise SystemExit(f"too few parcels: {len(pool)} for {len(roots)} roots")
    if near:
        pool.sort(key=lambda p: abs(p.population - near) * (0.5 + rng.random()))
        chosen, others = pool[:len(roots)], pool[len(roots):]
    else:
        rng.shuffle(pool)
        pool.sort(key=lambda p: not any(p.has(c) for c in FLAGSHIP))
        chosen, others = pool[:len(roots)], pool[len(roots):]
    pinned = [p for p in chosen if any(p.has(c) for c in FLAGSHIP)]
    loose = [p for p in chosen if p not in pinned]
    tune(rng, loose, others, total - sum(p.population for p in pinned),
         lambda a, b: True)
    chosen = sorted(loose + pinned, key=lambda p: not ordinary(p))
    for root, parcel in zip(sorted(roots, key=lambda r: -len(r.left)), chosen):
        root.parcel = parcel
    for parcel in chosen:
        free.remove(parcel)


def assign(rng, roots, parcels):
    """Parcels for every root, group by group, hardest to please first."""
    signed_21 = [r for r in roots if r.aci_by(JUNE_2021)]
    signed_22 = [r for r in roots if r.aci_by(JUNE_2022) and r not in signed_21]
    rest = [r for r in roots if r not in signed_21 and r not in signed_22]
    dead = [r for r in rest if r.kind == "dead"]
    absent = len(dead) + FRESH_LATE + RECLAIMED_LATE
    total = SHARE_LIVE_2024 * DENOMINATOR + absent * (MEAN_DEAD + 6_000)
    free = choose_covered(rng, parcels, len(roots), total)
    triple = [r for r in rest if r.kind == "split" and len(r.after) == 3]
    double = [r for r in rest if r.kind == "split" and len(r.after) == 2]
    merge = [r for r in rest if r.kind == "merge"]
    early = [r for r in rest if r.kind in ("plain", "reclaim")
             and not r.aci_by(date(2025, 5, 1))]
    settle(rng, triple, free, len(triple) * (MEAN_SPLIT + 8_000),
           lambda p: ordinary(p) and can_split(p, 3, 8_700), 95_000)
    settle(rng, double, free, len(double) * (MEAN_SPLIT - 10_000),
           lambda p: ordinary(p) and can_split(p, 2, 14_000), 82_000)
    settle(rng, merge, free, len(merge) * MEAN_MERGE,
           lambda p: ordinary(p) and can_split(p, 2, 18_000), 86_000)
    settle(rng, dead, free, len(dead) * MEAN_DEAD, ordinary, MEAN_DEAD)
    settle(rng, early, free, len(early) * MEAN_OTHER, ordinary, MEAN_OTHER)
    # A root that left before the day does not count; few do, all small sums.
    settle(rng, signed_21, free, SHARE_ACI_2021 * DENOMINATOR,
           lambda p: p.region not in SINGLE)
    settle(rng, signed_22, free, (SHARE_ACI_2022 - SHARE_ACI_2021) * DENOMINATOR,
           lambda p: p.region not in SINGLE)
    others = [r for r in roots if r.parcel is None]
    settle(rng, others, free, sum(p.population for p in free), lambda p: True)


def territories(root):
    """(history, parcel) pairs of one root."""
    if root.kind == "merge":
        parts = split(root.parcel, 2)
        return list(zip(root.before, parts)) + [(root.after[0], root.parcel)]
    if root.kind == "split":
        parts = split(root.parcel, len(root.after))
        return [(root.before[0], root.parcel)] + list(zip(root.after, parts))
    return [(h, root.parcel) for h in root.histories]


def conciliations(rng, roots, wanted=3):
    """Pairs of sibling projects: the second also claims a unit of the first.

    Returns {serial of the second: unit}; both are projects to the end.
    """
    claims = {}
    pool = [r for r in roots if r.kind == "split"]
    rng.shuffle(pool)
    for root in pool:
        first, second = root.after[:2]
        parts = split(root.parcel, len(root.after))
        if max(first.stage, second.stage) > LETTRE or len(claims) == wanted:
            continue
        units = [(u.population, u.code, u) for b in parts[0].blocks
                 for u, _ in b.units if u.population > 2_000]
        if len(units) > 1:
            claims[second.serial] = min(units)[2]
    return claims
