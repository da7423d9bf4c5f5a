#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generates cpts.csv, a synthetic register of CPTS for demonstrations.

Every record is invented. Territories are made of real communes and EPCI, and
the number of CPTS per stage follows the counts published in France between
2018 and 2025. The same seed always gives the same bytes.
"""

import argparse
import csv
import io
import random
import sys

import check
from assembly import assign, build_roots, conciliations, territories
from demo_data import COLUMNS, OUTPUT, load_units
from histories import build
from names import Namer
from territories import partition

SEED = 20190724


def unit_text(code, share):
    return code if share == 1 else f"{code}:{share:g}"


def territory_text(parcel, extra):
    pairs = {u.code: share for b in parcel.blocks for u, share in b.units}
    if extra:
        pairs[extra.code] = 1
    return " ".join(unit_text(code, pairs[code]) for code in sorted(pairs))


def record(history, parcel, name, extra):
    dates = [d.isoformat() for d in history.dates] + [""] * (4 - len(history.dates))
    exit_on = history.exit_on.isoformat() if history.exit_on else ""
    return [name, parcel.region, *dates, history.exit_stage, exit_on,
            territory_text(parcel, extra), "true"]


def records():
    """All rows of the file, first emergence first."""
    parcels = partition(random.Random(SEED), load_units())
    rng = random.Random(SEED + 1)
    roots = build_roots(rng, build(rng))
    rng = random.Random(SEED + 2)
    assign(rng, roots, parcels)
    claims = conciliations(rng, roots)
    pairs = [pair for root in roots for pair in territories(root)]
    # Live CPTS choose their name first, then those that left.
    pairs.sort(key=lambda p: (p[0].left is not None, p[0].dates[0], p[0].serial))
    namer = Namer()
    found = [record(h, parcel, namer.name(parcel), claims.get(h.serial))
             for h, parcel in pairs]
    found.sort(key=lambda r: (r[2], r[0]))
    return [[f"demo-{number:04d}", *row] for number, row in enumerate(found, 1)]


def render():
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(records())
    return text.getvalue()


def main():
    parser = argparse.ArgumentParser(
        description="Generate cpts.csv: synthetic CPTS for demonstrations.")
    parser.add_argument("--check", action="store_true",
                        help="check the existing file instead of writing it")
    parser.add_argument("--output", default=str(OUTPUT),
                        help="file to write or to check (default: cpts.csv here)")
    options = parser.parse_args()
    if options.check:
        return check.run(options.output)
    text = render()
    with open(options.output, "w", encoding="utf-8", newline="") as handle:
        handle.write(text)
    print(f"{options.output}: {text.count(chr(10)) - 1} synthetic CPTS")
    return 0


if __name__ == "__main__":
    sys.exit(main())
