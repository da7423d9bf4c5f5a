#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A SYNTHETIC list of members, for tests, measurements and demonstrations.

    cptsctl cpts list --csv > cpts.csv
    deploy/demo/members.py cpts.csv --count 200000 > members.csv
    cptsctl members import members.csv

Nobody in it exists: RPPS numbers begin with 99, FINESS numbers with 99, SIREN
numbers with 99, which nobody bears; their keys are right. Only CPTS that are
synthetic themselves are given members. The same arguments give the same file.
"""
import argparse
import csv
import random
import sys

TITLE = "DONNÉES SYNTHÉTIQUES : aucun de ces membres n'existe"
SEPARATOR = ";"
FIRST_JOINED, LAST_JOINED = 2017, 2025
STRUCTURE_SHARE = 0.08
LEFT_SHARE = 0.03
# Near the published composition: 36 % GPs, 15 % nurses, 14 % pharmacists.
PROFESSIONS = {"Médecin généraliste": 36, "Infirmier": 15, "Pharmacien": 14,
               "Masseur-kinésithérapeute": 11, "Chirurgien-dentiste": 5, "Orthophoniste": 4,
               "Sage-femme": 4, "Médecin spécialiste (hors médecine générale)": 4,
               "Pédicure-podologue": 3, "Psychologue": 2, "Ergothérapeute": 1, "Diététicien": 1}
STRUCTURES = {"MSP": 30, "CDS": 8, "ESP": 6, "HOPITAL": 8, "EHPAD": 18, "SSR": 4, "DAC": 6,
              "PMI": 3, "CPEF": 2, "EDAS": 2, "COMMUNE": 8, "CCAS": 5}
BY_SIRET = {"COMMUNE", "CCAS", "ESP"}


def luhn_key(digits):
    """The digit that makes a number valid (ISO/IEC 7812-1)."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10))
                for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def rpps(number):
    digits = f"99{number:08d}"
    return digits + luhn_key(digits)


def siret(number):
    siren = f"99{number % 1000000:06d}"
    siren += luhn_key(siren)
    return siren + "0001" + luhn_key(siren + "0001")


def finess(number):
    return f"99{number % 10000000:07d}"


def read_cpts(path):
    """[(id, inhabitants)] of the synthetic ones."""
    with open(path, encoding="utf-8", newline="") as file:
        return [(row["id"], int(row["population_count"])) for row in csv.DictReader(file)
                if row["synthetic"] == "true"]


def shares(cpts, count):
    """How many members each CPTS has, by its inhabitants."""
    total = sum(population + 1 for _, population in cpts)
    return [round(count * (population + 1) / total) for _, population in cpts]


def pick(chance, weights):
    return chance.choices(list(weights), list(weights.values()))[0]


def joined(chance):
    """Most join at the yearly assembly, the others on any day."""
    year = chance.randint(FIRST_JOINED, LAST_JOINED)
    if chance.random() < 0.5:
        return year, 6, 15
    return year, chance.randint(1, 12), chance.randint(1, 28)


def line(chance, cpts_id, number):
    year, month, day = joined(chance)
    left = ""
    if chance.random() < LEFT_SHARE:
        left = f"{min(year + chance.randint(1, 3), LAST_JOINED):04d}-12-31"
    is_structure = chance.random() < STRUCTURE_SHARE
    category = pick(chance, STRUCTURES if is_structure else PROFESSIONS)
    numbers = ["", "", ""]
    if not is_structure:
        numbers[0] = rpps(number)
    elif category in BY_SIRET:
        numbers[2] = siret(number)
    else:
        numbers[1] = finess(number)
    college = "Partenaires" if is_structure else "Professionnels"
    voice = "consultative" if is_structure and chance.random() < 0.5 else "délibérative"
    return [cpts_id, *numbers, category, college, voice, f"{day:02d}/{month:02d}/{year}", left]


def write(cpts, count, seed, stream):
    """The file, a title and a header first."""
    chance = random.Random(seed)
    writer = csv.writer(stream, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([TITLE])
    writer.writerow(["Id CPTS", "RPPS", "FINESS", "SIRET", "Profession ou type de structure",
                     "Collège", "Voix", "Date d'adhésion", "Date de départ"])
    number = 0
    for (cpts_id, _), members in zip(cpts, shares(cpts, count)):
        for _ in range(members):
            number += 1
            writer.writerow(line(chance, cpts_id, number))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cpts", help="what `cptsctl cpts list --csv` printed")
    parser.add_argument("--count", type=int, default=20000, help="members, about (20000)")
    parser.add_argument("--seed", type=int, default=1, help="another one, another file (1)")
    arguments = parser.parse_args()
    cpts = read_cpts(arguments.cpts)
    if not cpts:
        sys.exit("no synthetic CPTS in that list")
    write(cpts, arguments.count, arguments.seed, sys.stdout)


if __name__ == "__main__":
    main()
