# SPDX-License-Identifier: Apache-2.0
"""Histories of synthetic CPTS: stage dates and exits, without a territory.

The published counts are solved as flows: at each checkpoint the number of
live CPTS per stage is fixed; between two checkpoints a fixed number leave,
enough new ones enter, and the most advanced move up to fill the stages.
"""

from datetime import date, timedelta

EMERGENCE, LETTRE, PROJET, ACI = range(4)
START = date(2017, 1, 2)
FIRST_ACI = date(2019, 7, 1)

# date, live per stage (E, L, P, A), exits per stage since the one before.
# Published figures are repeated in check.py; the rest is chosen to fit between.
CHECKPOINTS = [
    (date(2018, 9, 1), (145, 35, 20, 0), (0, 0, 0, 0)),
    (date(2019, 11, 30), (300, 113, 30, 6), (8, 1, 0, 0)),
    (date(2021, 1, 15), (322, 168, 29, 99), (22, 4, 0, 0)),
    (date(2021, 6, 1), (242, 232, 37, 134), (10, 2, 0, 0)),
    (date(2021, 12, 20), (246, 199, 75, 173), (8, 3, 1, 0)),
    (date(2022, 2, 14), (252, 196, 31, 233), (4, 1, 0, 0)),
    (date(2022, 6, 1), (240, 158, 46, 282), (5, 2, 0, 0)),
    (date(2022, 7, 27), (235, 150, 42, 306), (2, 1, 0, 0)),
    (date(2023, 2, 15), (192, 157, 41, 391), (14, 4, 0, 1)),
    (date(2024, 2, 1), (26, 137, 45, 530), (104, 13, 1, 2)),
    (date(2025, 5, 1), (24, 90, 16, 690), (12, 32, 2, 6)),
]
REGROUP = 9    # interval in which small projects are abandoned, then regrouped
RESPLIT = 10   # interval in which large projects are abandoned, then split
EXITS_UNTIL, ENTRIES_FROM = 0.6, 0.25  # parts of those two intervals
NOT_RENEWED = 3


class History:
    """Stage dates in order, then an optional exit."""

    def __init__(self, serial, entered):
        self.serial = serial
        self.entered = entered      # interval number
        self.left = None            # interval number
        self.dates = []
        self.exit_stage = ""
        self.exit_on = None

    @property
    def stage(self):
        return len(self.dates) - 1

    def aci_by(self, day):
        return len(self.dates) > ACI and self.dates[ACI] <= day


def interval(number):
    """First and last day of an interval, both inside it."""
    if number == 0:
        first = START
    else:
        first = CHECKPOINTS[number - 1][0] + timedelta(days=1)
    return first, CHECKPOINTS[number][0]


def day_between(rng, first, last):
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def part_of(number, fraction):
    first, last = interval(number)
    return first + timedelta(days=round((last - first).days * fraction))


def exit_window(number):
    first, last = interval(number)
    if number in (REGROUP, RESPLIT):
        last = part_of(number, EXITS_UNTIL)
    return first, last


def entry_window(number):
    first, last = interval(number)
    if number in (REGROUP, RESPLIT):
        first = part_of(number, ENTRIES_FROM)
    return first, last


def five_years_after(day):
    return day + timedelta(days=1826)


def leave(history, kind, day, number):
    history.exit_stage, history.exit_on, history.left = kind, day, number


def leave_aci(rng, stock, count, number):
    """Signed CPTS that leave: contracts at their term first, then dissolved."""
    first, last = interval(number)
    signed = [h for h in stock if h.stage == ACI]
    ended = [h for h in signed if first <= five_years_after(h.dates[ACI]) <= last]
    for history in rng.sample(ended, min(len(ended), count, NOT_RENEWED)):
        leave(history, "NON_RENOUVELE", five_years_after(history.dates[ACI]), number)
        count -= 1
    old = [h for h in signed if h.left is None
           and (first - h.dates[ACI]).days > 270]
    for history in rng.sample(old, count):
        leave(history, "DISSOUS", day_between(rng, first, last), number)


def leave_project(rng, stock, stage, count, number):
    """Projects that leave: mostly those that have not moved for long."""
    first, last = exit_window(number)
    pool = [h for h in stock if h.stage == stage]
    pool.sort(key=lambda h: (first - h.dates[-1]).days + rng.gauss(0, 250),
              reverse=True)
    for history in pool[:count]:
        kind = "DISSOUS" if rng.random() < 0.06 else "ABANDONNE"
        leave(history, kind, day_between(rng, first, last), number)


def apply_exits(rng, stock, number):
    exits = CHECKPOINTS[number][2]
    for stage in (EMERGENCE, LETTRE, PROJET):
        leave_project(rng, stock, stage, exits[stage], number)
    leave_aci(rng, stock, exits[ACI], number)
    return [h for h in stock if h.left is None]


def choose_targets(rng, stock, number):
    """The stage each live CPTS has reached at the end of the interval."""
    first, _ = interval(number)

    def readiness(history):
        if not history.dates:
            return -500 + rng.gauss(0, 200)
        waited = (first - history.dates[-1]).days
        return history.stage * 700 + waited * 0.3 + rng.gauss(0, 150)

    score = {h.serial: readiness(h) for h in stock}
    target = {}
    for stage in (ACI, PROJET, LETTRE, EMERGENCE):
        wanted = CHECKPOINTS[number][1][stage]
        left = [h for h in stock if h.serial not in target]
        stay = [h for h in left if h.stage == stage]
        if len(stay) > wanted:
            raise SystemExit(f"interval {number}: stage {stage} is overfull")
        climb = [h for h in left if h.stage < stage]
        climb.sort(key=lambda h: score[h.serial], reverse=True)
        for history in stay + climb[:wanted - len(stay)]:
            target[history.serial] = stage
    return target


def spaced_days(rng, first, last, count, gap):
    """Increasing days in [first, last], at least `gap` apart where it fits."""
    span = (last - first).days
    gap = min(gap, span // count)
    free = span - gap * (count - 1)
    offsets = sorted(rng.randint(0, free) for _ in range(count))
    gap = max(gap, 1)
    return [first + timedelta(days=min(offset + gap * i, span - (count - 1 - i)))
            for i, offset in enumerate(offsets)]


def advance(rng, history, target, number):
    """Date the steps up to `target`, all inside the interval."""
    first, last = interval(number)
    steps = target - history.stage
    if history.dates:
        rested = history.dates[-1] + timedelta(days=75)
        if (last - rested).days >= steps * 25:
            first = max(first, rested)
        else:
            first = max(first, history.dates[-1] + timedelta(days=10))
    else:
        first = entry_window(number)[0]
    if target == ACI and number == 1:
        before = spaced_days(rng, first, FIRST_ACI, steps - 1, 60) if steps > 1 else []
        history.dates += before + [day_between(rng, FIRST_ACI + timedelta(days=9), last)]
    elif steps:
        history.dates += spaced_days(rng, first, last, steps, 80)


def build(rng):
    """All histories; the counts at every checkpoint hold by construction."""
    everyone, live = [], []
    for number, (_, counts, _) in enumerate(CHECKPOINTS):
        live = apply_exits(rng, live, number)
        fresh = [History(len(everyone) + i, number)
                 for i in range(sum(counts) - len(live))]
        everyone += fresh
        live += fresh
        target = choose_targets(rng, live, number)
        for history in live:
            advance(rng, history, target[history.serial], number)
    return everyone
