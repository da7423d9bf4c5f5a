# SPDX-License-Identifier: Apache-2.0
"""What follows from tables of counts by addition and subtraction."""
import fractions


def solve(equations):
    """Unknowns that linear equations determine. {name: coefficient}, exact."""
    rows = [{name: fractions.Fraction(value) for name, value in row.items() if value}
            for row in equations]
    done = []
    for name in sorted({name for row in rows for name in row}):
        pivot = next((row for row in rows if name in row), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = {key: value / pivot[name] for key, value in pivot.items()}
        rows, done = ([{key: row.get(key, 0) - row.get(name, 0) * pivot.get(key, 0)
                        for key in {*row, *pivot}
                        if row.get(key, 0) != row.get(name, 0) * pivot.get(key, 0)}
                       for row in part] for part in (rows, done))
        done.append(pivot)
    return {next(iter(row)) for row in done if len(row) == 1}
