# SPDX-License-Identifier: Apache-2.0
"""What callers were told and what the database holds, against the plain model.

violations() gives sentences by rule; none means that the eight invariants of a
referral, the chains of versions and every answer hold."""
import collections
import dataclasses
import json

import plain
import cast  # noqa: F401  (puts the stubs on the path)
from cpts.v1 import change_pb2, referral_pb2

# Answers that decide nothing.
UNDECIDED = ("DEADLINE_EXCEEDED", "UNAVAILABLE", "RESOURCE_EXHAUSTED")
# A rule is shown so often; the rest is counted.
SHOWN = 5
LOG = """SELECT json_build_object('what', 'entry',
           'position', l.local_position, 'id', l.aggregate_id,
           'version', l.version, 'kind', l.kind, 'command', l.command_id,
           'day', l.recorded_at::date, 'bytes', encode(l.bytes, 'hex'))
  FROM cpts.change_log l WHERE l.aggregate_kind = 'REFERRAL' ORDER BY l.local_position;"""
STATE = """SELECT json_build_object('what', 'referral',
    'id', r.referral_id, 'picture', json_build_object(
    'version', r.version, 'status', r.status, 'custodian', r.custodian_id,
    'overdue', r.overdue, 'hops', r.hop_count,
    'visited', (SELECT coalesce(json_agg(v ORDER BY v::text), '[]') FROM
                 (SELECT DISTINCT unnest(r.visited) AS v) each_visited),
    'parties', (SELECT json_agg(p ORDER BY p::text) FROM
                 (SELECT DISTINCT unnest(r.parties) AS p) each_party),
    'candidates', (SELECT coalesce(json_agg(c.destination_id ORDER BY c.rank), '[]')
                     FROM cpts.referral_candidate c WHERE c.referral_id = r.referral_id),
    'clocks', (SELECT coalesce(json_agg(json_build_array(k.assignment_id, k.kind, k.level)
                        ORDER BY k.assignment_id::text COLLATE "C", k.kind::text COLLATE "C"), '[]')
                 FROM cpts.referral_clock k WHERE k.referral_id = r.referral_id),
    'assignments', (SELECT coalesce(json_object_agg(a.assignment_id, json_build_array(
                        a.destination_id, a.version, a.state, a.overdue, a.hop,
                        a.no_show_count)), '{}')
                      FROM cpts.assignment a WHERE a.referral_id = r.referral_id)))
  FROM cpts.referral r;"""
DAYS = """SELECT json_build_object('what', 'day', 'day', r.created_at::date, 'count', count(*))
  FROM cpts.referral r GROUP BY r.created_at::date;"""


@dataclasses.dataclass
class Entry:
    """One entry of the log."""
    position: int
    referral_id: str
    version: int
    command: str
    day: str
    change: change_pb2.Change

    def step(self):
        """What was recorded: SUBMIT, ERASE, or the step."""
        kind = self.change.WhichOneof("event")
        return self.event_name() if kind == "referral_acted" else kind

    def event_name(self):
        number = self.change.referral_acted.event
        return referral_pb2.ReferralEvent.Name(number)[len("REFERRAL_EVENT_"):]


def read(database):
    """Rows by what they are, all of one instant: clocks go on firing."""
    found = collections.defaultdict(list)
    for row in database.query("BEGIN ISOLATION LEVEL REPEATABLE READ;" + LOG + STATE + DAYS +
                              "COMMIT;"):
        row = json.loads(row[0])
        found[row["what"]].append(row)
    return found


def entries(rows):
    return [Entry(row["position"], row["id"], row["version"], row["command"], row["day"],
                  change_pb2.Change.FromString(bytes.fromhex(row["bytes"]))) for row in rows]


def seen_version(world, entry):
    """The version that whoever took this step should have seen; None: there was none."""
    referral = world.referrals.get(entry.referral_id)
    if referral is None or entry.change.WhichOneof("event") != "referral_acted":
        return None
    assignment = referral.assignments.get(entry.change.referral_acted.assignment_id)
    return referral.version if assignment is None else assignment.version


def fold(world, found, attempts, broken):
    """Applies entries; a referral is judged up to its first broken one."""
    spoilt = set()
    expected = {a.command: a.expected for a in attempts if a.code == "OK" and not a.replayed}
    for entry in found:
        if entry.referral_id in spoilt:
            continue
        version = seen_version(world, entry)
        if version is not None and expected.get(entry.command, version) != version:
            broken["stale"].append(f"position {entry.position} was for version "
                                   f"{expected[entry.command]} and found {version}")
        try:
            world.apply(entry)
        except plain.Broken as failure:
            broken[failure.rule].append(f"position {entry.position}: {failure}")
            spoilt.add(entry.referral_id)
    return spoilt


def check_state(rows, world, spoilt, broken):
    """What is stored is what the entries make of it."""
    stored = {row["id"]: row["picture"] for row in rows}
    for referral_id, referral in world.referrals.items():
        if referral_id in spoilt:
            continue
        picture = json.loads(json.dumps(referral.picture()))
        for key, value in picture.items():
            there = stored.get(referral_id, {}).get(key)
            if there != value:
                broken["state_is_fold"].append(f"{referral_id} {key}: stored {there}, "
                                               f"of its entries {value}")
    for referral_id in stored.keys() - world.referrals.keys():
        broken["state_is_fold"].append(f"{referral_id} has no entry")


def check_replay(world, found, rng, broken):
    """A prefix of the log that comes twice changes nothing."""
    before = {key: referral.picture() for key, referral in world.referrals.items()}
    for entry in found[:rng.randrange(len(found) + 1)]:
        try:
            changed = world.apply(entry)
        except plain.Broken:
            changed = False
        if changed:
            broken["replay"].append(f"position {entry.position} took effect twice")
    if before != {key: referral.picture() for key, referral in world.referrals.items()}:
        broken["replay"].append("a prefix that came twice changed the state")


def check_days(rows, found, broken):
    """By day, what is there is what was submitted."""
    submitted = collections.Counter(entry.day for entry in found if entry.change.WhichOneof(
        "event") == "referral_submitted")
    stored = {row["day"]: row["count"] for row in rows}
    if dict(submitted) != stored:
        broken["counts"].append(f"submitted {dict(submitted)}, stored {stored}")


def check_answers(attempts, found, broken):
    """An OK has one entry with its version and position; a refusal has none."""
    by_command = collections.defaultdict(list)
    for entry in found:
        by_command[entry.command].append(entry)
    told = collections.defaultdict(list)
    for attempt in attempts:
        told[attempt.command].append(attempt)
    for command, every in told.items():
        accepted = [a for a in every if a.code == "OK"]
        first_ns = min((a.ended_ns for a in accepted), default=None)
        for attempt in every:
            if first_ns is not None and attempt.began_ns > first_ns and attempt.code not in (
                    "OK", *UNDECIDED) and attempt.reason != "COMMAND_ID_REUSED":
                broken["replay"].append(f"was accepted, and then: {attempt}")
        mine = by_command.get(command, [])
        if len(mine) > 1:
            broken["once"].append(f"{command} has {len(mine)} entries: {every}")
        if not accepted:
            continue
        if not mine:
            broken["durable"].append(f"{accepted[0]} has no entry")
            continue
        for attempt in accepted:
            if (attempt.position, attempt.version) != (mine[0].position, mine[0].version):
                broken["answers"].append(f"{attempt}, its entry {mine[0].position} "
                                         f"version {mine[0].version}")
        if sum(not a.replayed for a in accepted) > 1:
            broken["once"].append(f"{command} was new {len(accepted)} times: {every}")


def check_no_fault(attempts, broken):
    """A refusal has a reason; nothing is the server's own fault."""
    for attempt in attempts:
        if attempt.code in ("INTERNAL", "UNKNOWN", "DATA_LOSS") or (
                attempt.code not in ("OK", *UNDECIDED) and not attempt.reason):
            broken["server_fault"].append(str(attempt))


def check_custody_race(found, broken):
    """First accept wins: of one referral, no two hold it at a time (the plain
    model says so of each entry); here, that nobody was taken after it was."""
    taken = {}
    for entry in found:
        if entry.change.WhichOneof("event") != "referral_acted":
            continue
        acted, name = entry.change.referral_acted, entry.event_name()
        key = (entry.referral_id, acted.assignment_id)
        if name == "ACCEPT" and key in taken:
            broken["first_accept_wins"].append(f"{key} accepted at {taken[key]} and "
                                               f"{entry.position}")
        if name == "ACCEPT":
            taken[key] = entry.position


def violations(database, parties, attempts, rng):
    """Sentences by rule, and the entries."""
    broken = collections.defaultdict(list)
    stored = read(database)
    found = entries(stored["entry"])
    world = plain.World(parties)
    spoilt = fold(world, found, attempts, broken)
    check_state(stored["referral"], world, spoilt, broken)
    check_replay(world, found, rng, broken)
    check_days(stored["day"], found, broken)
    check_answers(attempts, found, broken)
    check_no_fault(attempts, broken)
    check_custody_race(found, broken)
    return broken, found


def text(broken):
    lines = []
    for rule, sentences in broken.items():
        lines += [f"{rule}: {sentence}" for sentence in sentences[:SHOWN]]
        if len(sentences) > SHOWN:
            lines.append(f"{rule}: … {len(sentences)} in all")
    return "\n".join(lines)
