# SPDX-License-Identifier: Apache-2.0
"""The invariants, one function each: what the clients were told against what
the database holds. A function gives sentences about violations; none is good.
"""
import hashlib

import facts
from history import DECIDED, KINDS, OK, REFUSED, UNDECIDED

NO_HASH = "00" * 32
SENTENCES_MAX = 20


def _key(operation):
    return operation.principal, operation.command_id


def _by_key(rows, principal):
    return {(row[principal], row["command_id"]): row for row in rows}


def acknowledged_is_stored(history, stored):
    """What a client was told OK for is there, under the numbers it was told."""
    commands = _by_key(stored.commands, "principal")
    changes = _by_key(stored.log, "actor")
    for operation in history.operations:
        if operation.outcome != OK:
            continue
        command, change = commands.get(_key(operation)), changes.get(_key(operation))
        if command is None or change is None:
            yield f"lost: {operation.method} {operation.command_id} was acknowledged"
            continue
        for attempt in operation.acknowledged:
            told = (attempt.cpts_id or operation.cpts_id, attempt.version, attempt.position)
            if told != (command["aggregate_id"], command["version"], command["log_position"]):
                yield f"{operation.command_id} was told {told}, stored is {command}"


def stored_once(_, stored):
    """One row in cpts.command and one in cpts.change_log for each command."""
    for table, principal in (("commands", "principal"), ("log", "actor")):
        seen = set()
        for row in getattr(stored, table):
            key = row[principal], row["command_id"]
            if key in seen:
                yield f"duplicated: command {key[1]} twice in {table}"
            seen.add(key)
    outcomes = {(row["principal"], row["command_id"], row["aggregate_id"], row["version"],
                 row["log_position"]) for row in stored.commands}
    changes = {(row["actor"], row["command_id"], row["aggregate_id"], row["version"],
                row["local_position"]) for row in stored.log}
    for row in sorted(outcomes ^ changes):
        yield f"only in {'cpts.command' if row in outcomes else 'cpts.change_log'}: {row}"


def stored_was_invoked(history, stored):
    """Whatever is stored is what some client asked for, with that content."""
    invoked = {(*_key(operation), operation.content_hash): operation
               for operation in history.operations}
    changes = _by_key(stored.log, "actor")
    for row in stored.commands:
        operation = invoked.get((row["principal"], row["command_id"], row["content_hash"]))
        change = changes.get((row["principal"], row["command_id"]))
        if operation is None:
            yield f"phantom: nobody asked for {row}"
        elif operation.cpts_id and operation.cpts_id != row["aggregate_id"]:
            yield f"phantom: {row['command_id']} was about {operation.cpts_id}, stored is {row}"
        elif change is not None and change["kind"] != KINDS[operation.method]:
            yield f"phantom: {operation.method} {row['command_id']} became {change['kind']}"


def refused_is_not_stored(history, stored):
    """A refusal left nothing. (A reused id is stored with its first content.)"""
    contents = {(row["principal"], row["command_id"], row["content_hash"])
                for row in stored.commands}
    for operation in history.operations:
        if operation.outcome == REFUSED and (*_key(operation), operation.content_hash) in contents:
            yield f"stored although refused: {operation.method} {operation.command_id}"


def answers_agree(history, _):
    """Every answer to one command is the same; only the first is not a replay."""
    for operation in history.operations:
        told = {(a.cpts_id, a.version, a.position) for a in operation.acknowledged}
        if len(told) > 1:
            yield f"{operation.command_id} was given several outcomes: {sorted(told)}"
        if sum(not attempt.replayed for attempt in operation.acknowledged) > 1:
            yield f"double effect: {operation.command_id} was carried out twice"
        refusals = {a.reason for a in operation.attempts if a.code in DECIDED}
        if told and refusals:
            yield f"{operation.command_id} was acknowledged and refused ({refusals})"


def codes_are_honest(history, _):
    """Faults show as codes that a client may retry on, never as others."""
    for operation in history.operations:
        for attempt in operation.attempts:
            if attempt.code not in UNDECIDED | DECIDED | {OK} | history.other_codes:
                yield f"{operation.method} {operation.command_id}: {attempt.code} {attempt.reason}"


def positions_are_whole(_, stored):
    """Local positions are 1..n; origin positions 1..n for each origin."""
    last, origins = 0, {}
    for row in stored.log:
        if row["local_position"] != last + 1:
            yield f"gap: position {row['local_position']} comes after {last}"
        last = row["local_position"]
        origin = row["origin_node"]
        if row["origin_position"] != origins.get(origin, 0) + 1:
            yield f"gap: {origin}'s {row['origin_position']} comes after {origins.get(origin, 0)}"
        origins[origin] = row["origin_position"]


def hashes_chain(_, stored):
    """hash = sha256(previous hash, origin position as 8 big-endian bytes, bytes)."""
    heads = {}
    for row in stored.log:
        head = heads.get(row["origin_node"], NO_HASH)
        digest = hashlib.sha256(bytes.fromhex(head) + row["origin_position"].to_bytes(8, "big") +
                                bytes.fromhex(row["bytes"])).hexdigest()
        if row["prev_hash"] != head:
            yield f"chain broken before position {row['local_position']}"
        if row["hash"] != digest:
            yield f"hash of position {row['local_position']} does not fit its bytes"
        heads[row["origin_node"]] = row["hash"]


def versions_are_whole(_, stored):
    """Versions of a CPTS are 1..n in log order, and n is what its row says."""
    versions = {}
    for row in stored.log:
        last = versions.get(row["aggregate_id"], 0)
        if row["version"] != last + 1:
            yield f"{row['aggregate_id']}: version {row['version']} comes after {last}"
        versions[row["aggregate_id"]] = row["version"]
    current = {row["cpts_id"]: row["version"] for row in stored.cpts}
    for cpts_id in sorted(versions.keys() | current.keys()):
        if versions.get(cpts_id) != current.get(cpts_id):
            yield (f"{cpts_id} is at version {current.get(cpts_id)}, "
                   f"its log at {versions.get(cpts_id)}")


def versions_were_expected(history, stored):
    """A command changed the very version it expected."""
    operations = {(*_key(operation), operation.content_hash): operation
                  for operation in history.operations}
    for row in stored.commands:
        operation = operations.get((row["principal"], row["command_id"], row["content_hash"]))
        if operation is not None and row["version"] != operation.expected_version + 1:
            yield (f"{row['command_id']} expected {operation.expected_version}, "
                   f"made {row['version']}")


def order_is_real(history, stored):
    """What was known to be stored before another command began lies before it
    in the log; recorded_at never goes back."""
    operations = {}
    for operation in history.operations:
        if operation.outcome == OK:
            operations[_key(operation)] = operation
    began_last, recorded_last = 0, ""
    for row in stored.log:
        if row["recorded_at"] < recorded_last:
            yield f"recorded_at goes back at position {row['local_position']}"
        recorded_last = row["recorded_at"]
        operation = operations.get((row["actor"], row["command_id"]))
        if operation is None:
            continue
        if operation.known_ns < began_last:
            yield (f"position {row['local_position']} was acknowledged before "
                   "an earlier one began")
        began_last = max(began_last, operation.began_ns)


def facts_follow_the_log(_, stored):
    """Replaying the log's bytes gives the rows of every table."""
    return facts.differences(stored)


def overlaps_are_known(_, stored):
    """Units believed to be in two territories on one day are in unit_overlap."""
    known = {row["unit_code"] for row in stored.overlaps}
    spans = {}
    for row in stored.territories:
        if row["recorded_to"] == "":
            spans.setdefault(row["unit_code"], []).append(
                (row["valid_from"], facts.end(row["valid_to"]), row["cpts_id"]))
    for unit, claims in sorted(spans.items()):
        meets = any(a[2] != b[2] and a[0] < b[1] and b[0] < a[1]
                    for index, a in enumerate(claims) for b in claims[:index])
        if meets and unit not in known:
            yield f"unit {unit} overlaps and is not in unit_overlap"


CHECKS = (acknowledged_is_stored, stored_once, stored_was_invoked, refused_is_not_stored,
          answers_agree, codes_are_honest, positions_are_whole, hashes_chain, versions_are_whole,
          versions_were_expected, order_is_real, facts_follow_the_log, overlaps_are_known)


def reader_saw_all(seen, stored):
    """A reader that polled `position > last` saw every entry once, in order."""
    wanted = [(row["local_position"], row["command_id"]) for row in stored.log]
    if seen == wanted:
        return
    for index, (position, command_id) in enumerate(seen):
        if index >= len(wanted) or (position, command_id) != wanted[index]:
            yield f"the reader's entry {index + 1} was {position} {command_id}"
            return
    yield f"the reader saw {len(seen)} of {len(wanted)} entries"


def violations(history, stored, seen=None):
    """{name of the check: its sentences}, only those that have some."""
    found = {check.__name__: list(check(history, stored))[:SENTENCES_MAX] for check in CHECKS}
    if seen is not None:
        found["reader_saw_all"] = list(reader_saw_all(seen, stored))
    return {name: sentences for name, sentences in found.items() if sentences}
