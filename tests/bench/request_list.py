# SPDX-License-Identifier: Apache-2.0
"""The requests of requests.json, packed. A row is a method and one request of
it; a value that begins with $ stands for many, one of them in each request:

    $cpts        id of a CPTS          $date     a date of the ten years
    $region      INSEE code            $instant  an instant of now (known_at)
    $department  code                  $unit     INSEE code of a commune
"""
import json

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

from state import BUILD, SOURCE

REQUESTS_MAX = 500
DESCRIPTORS = BUILD / "proto/descriptors.fds"


def rows():
    """The rows of requests.json."""
    return json.loads((SOURCE / "tests/bench/requests.json").read_text(encoding="utf-8"))


def fill(template, values, number):
    """The template with the number-th of each value; the lists turn at their own
    length, so that combinations differ."""
    if isinstance(template, dict):
        return {key: fill(value, values, number) for key, value in template.items()}
    if isinstance(template, str) and template.startswith("$"):
        choices = values[template[1:]]
        return choices[number % len(choices)]
    return template


def names_values(template):
    return any(isinstance(value, str) and value.startswith("$") for value in template.values())


class Contract:
    """The services as descriptors.fds has them."""

    def __init__(self, path=DESCRIPTORS):
        files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)
        self.factory = message_factory.MessageFactory(self.pool)

    def pack(self, method, request):
        """Packed bytes of a request given as proto3 JSON."""
        service, name = method.split("/")
        kind = self.pool.FindServiceByName(service).FindMethodByName(name).input_type
        message = self.factory.GetPrototype(kind)()
        return json_format.ParseDict(request, message).SerializeToString(deterministic=True)

    def lines(self, row, values):
        """One line of hexadecimal digits for each request of a row."""
        count = REQUESTS_MAX if names_values(row["request"]) else 1
        packed = (self.pack(row["method"], fill(row["request"], values, n)) for n in range(count))
        return "".join(bytes.hex() + "\n" for bytes in packed)
