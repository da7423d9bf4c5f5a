# SPDX-License-Identifier: Apache-2.0
"""The authorisation matrix: every RPC of the descriptors, for every role and
every kind of object, with the outcome that is wanted.

    matrix.py DESCRIPTORS.fds MATRIX.csv    fails unless the two fit

The objects of an RPC follow from its request: with an `id`, or a region, it
can mean one's own, another region's, or none that exists; else there is `-`.
"""
import csv
import sys

from google.protobuf import descriptor_pb2

ROLES = ("NATIONAL_NODE", "REGION_NODE", "DGOS_ANALYST", "ARS_AGENT", "CPTS_COORDINATOR",
         "OPERATOR", "PUBLIC", "NO_ROLE", "NO_CERTIFICATE")
OBJECT_FIELDS = {"id", "region", "lead_region"}
OBJECTS = ("own", "other", "absent")


def rpcs(descriptors_path):
    """{"/package.Service/Method": tuple of its object kinds}"""
    files = descriptor_pb2.FileDescriptorSet()
    with open(descriptors_path, "rb") as descriptors:
        files.ParseFromString(descriptors.read())
    fields = {f".{file.package}.{message.name}": {field.name for field in message.field}
              for file in files.file for message in file.message_type}
    return {f"/{file.package}.{service.name}/{method.name}":
            OBJECTS if fields[method.input_type] & OBJECT_FIELDS else ("-",)
            for file in files.file for service in file.service for method in service.method}


def rows(matrix_path):
    with open(matrix_path, encoding="utf-8", newline="") as matrix:
        return list(csv.DictReader(matrix))


def key(row):
    return row["rpc"], row["role"], row["object"]


def faults(descriptors_path, matrix_path):
    """Sentences about what does not fit; none when all is well."""
    wanted = {(rpc, role, kind) for rpc, kinds in rpcs(descriptors_path).items()
              for role in ROLES for kind in kinds}
    found = [key(row) for row in rows(matrix_path)]
    said = [f"no row for {' '.join(cell)}" for cell in sorted(wanted - set(found))]
    said += [f"a row for what does not exist: {' '.join(cell)}"
             for cell in sorted(set(found) - wanted)]
    said += [f"two rows for {' '.join(cell)}" for cell in sorted(set(found))
             if found.count(cell) > 1]
    said += [f"no outcome for {' '.join(key(row))}" for row in rows(matrix_path)
             if not row["outcome"]]
    return said


if __name__ == "__main__":
    said = faults(sys.argv[1], sys.argv[2])
    for sentence in said:
        print(f"{sys.argv[2]}: {sentence}", file=sys.stderr)
    sys.exit(1 if said else 0)
