# SPDX-License-Identifier: Apache-2.0
"""Reads a Tabular Data Package by the rules of Frictionless (version 1), with
nothing of ours: every value cast by its field, every constraint and key checked.
"""
import csv
import datetime
import io
import json
import os
import re
import uuid

import jsonschema

FIELD_TYPES = {
    # type: constraints that the specification allows for it
    "string": {"required", "unique", "pattern", "enum", "minLength", "maxLength"},
    "integer": {"required", "unique", "minimum", "maximum", "enum"},
    "number": {"required", "unique", "minimum", "maximum", "enum"},
    "boolean": {"required", "enum"},
    "date": {"required", "unique", "minimum", "maximum", "enum"},
    "datetime": {"required", "unique", "minimum", "maximum", "enum"},
}
TEXT = {"type": "string", "minLength": 1}
SOURCE = {"type": "object", "required": ["title"],
          "properties": {"title": TEXT, "path": {"type": "string", "pattern": "^https://"}}}
LICENCE = {"type": "object", "required": ["name", "path"],
           "properties": {"name": {"type": "string", "pattern": r"^[-a-zA-Z0-9._]+$"}}}
FIELD = {"type": "object", "required": ["name", "type", "title", "description", "constraints"],
         "additionalProperties": False,
         "properties": {"name": {"type": "string", "pattern": "^[a-z][a-z_]*$"},
                        "type": {"enum": list(FIELD_TYPES)}, "title": TEXT, "description": TEXT,
                        "format": TEXT, "unit": TEXT, "constraints": {"type": "object"}}}
RESOURCE = {
    "type": "object",
    "required": ["name", "title", "description", "profile", "path", "encoding", "dialect",
                 "sources", "schema"],
    "properties": {
        "name": {"type": "string", "pattern": "^[-a-z0-9._]+$"},
        "profile": {"const": "tabular-data-resource"},
        "path": {"type": "string", "pattern": "^[a-z_]+\\.csv$"},
        "encoding": {"const": "utf-8"},
        "dialect": {"const": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"',
                              "doubleQuote": True, "header": True}},
        "sources": {"type": "array", "minItems": 1, "items": SOURCE},
        "licenses": {"type": "array", "minItems": 1, "items": LICENCE},
        "schema": {"type": "object", "required": ["fields", "primaryKey", "missingValues"],
                   "properties": {"fields": {"type": "array", "minItems": 1, "items": FIELD},
                                  "missingValues": {"const": [""]},
                                  "primaryKey": {"type": "array", "minItems": 1}}}}}
PACKAGE = {
    "type": "object", "required": ["profile", "name", "title", "description", "created", "as_of",
                                   "known_at", "region", "synthetic", "sources", "resources"],
    "properties": {"profile": {"const": "tabular-data-package"},
                   "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"},
                   "synthetic": {"type": "boolean"},
                   "sources": {"type": "array", "minItems": 1, "items": SOURCE},
                   "resources": {"type": "array", "minItems": 1, "items": RESOURCE}}}


def cast(field, text):
    """The value of a cell; ValueError when it is none of its type."""
    kind = field["type"]
    if kind == "string":
        if field.get("format") == "uuid" and str(uuid.UUID(text)) != text:
            raise ValueError(text)
        return text
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise ValueError(text)
        return int(text)
    if kind == "number":
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            raise ValueError(text)
        return float(text)
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    if kind == "date":
        return datetime.date.fromisoformat(text)
    return datetime.datetime.strptime(text, field["format"])


def check_value(field, value):
    """What a constraint says against a value, or nothing."""
    limits = field["constraints"]
    if "enum" in limits and value not in limits["enum"]:
        return "enum"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        return "pattern"
    if "minimum" in limits and value < limits["minimum"]:
        return "minimum"
    if "maximum" in limits and value > limits["maximum"]:
        return "maximum"
    return None


class Table:
    """One resource: its fields, its rows as {column: value}, None = missing."""

    def __init__(self, folder, resource):
        self.resource, self.schema = resource, resource["schema"]
        self.fields = self.schema["fields"]
        with open(os.path.join(folder, resource["path"]), "rb") as file:
            self.bytes = file.read()
        text = self.bytes.decode("utf-8")
        if text.startswith("\ufeff") or not text.endswith("\r\n"):
            raise AssertionError(f"{resource['path']}: a byte order mark, or no line end")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        if rows[0] != [field["name"] for field in self.fields]:
            raise AssertionError(f"{resource['path']}: the header is {rows[0]}")
        if self.bytes.replace(b"\r\n", b"").count(b"\r"):
            raise AssertionError(f"{resource['path']}: a line end that is none")
        self.texts = rows[1:]
        self.rows = [self._row(cells) for cells in self.texts]
        self._check_keys()

    def _row(self, cells):
        if len(cells) != len(self.fields):
            raise AssertionError(f"{self.resource['path']}: {cells}")
        return {field["name"]: self._value(field, text)
                for field, text in zip(self.fields, cells)}

    def _value(self, field, text):
        where = f"{self.resource['path']} {field['name']} {text!r}"
        if text == "":
            if field["constraints"]["required"]:
                raise AssertionError(f"{where}: required")
            return None
        try:
            value = cast(field, text)
        except (ValueError, KeyError) as error:
            raise AssertionError(f"{where}: no {field['type']}") from error
        problem = check_value(field, value)
        if problem:
            raise AssertionError(f"{where}: {problem}")
        return value

    def _check_keys(self):
        keys = self.schema["primaryKey"]
        seen = [tuple(row[key] for key in keys) for row in self.rows]
        if len(set(seen)) != len(seen) or any(None in key for key in seen):
            raise AssertionError(f"{self.resource['path']}: {keys} is no key")

    def column(self, name):
        return [row[name] for row in self.rows]


def read(folder):
    """(package, {name: Table}) of a folder; AssertionError for what is wrong."""
    with open(os.path.join(folder, "datapackage.json"), encoding="utf-8") as file:
        package = json.load(file)
    jsonschema.Draft7Validator(PACKAGE).validate(package)
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            strange = set(field["constraints"]) - FIELD_TYPES[field["type"]]
            if strange:
                raise AssertionError(f"{resource['name']} {field['name']}: {strange}")
    tables = {resource["name"]: Table(folder, resource) for resource in package["resources"]}
    for name, table in tables.items():
        for key in table.schema.get("foreignKeys", ()):
            target = tables[key["reference"]["resource"]]
            lost = set(table.column(key["fields"])) - set(target.column(key["reference"]["fields"]))
            if lost - {None}:
                raise AssertionError(f"{name} {key}: {lost}")
    return package, tables
