# SPDX-License-Identifier: Apache-2.0
"""A replica in twenty lines of rules: replays the bytes of the change log and
compares what comes out with the tables of the registry."""
import math
from dataclasses import dataclass, field

from google.protobuf import message

import daemon  # noqa: F401  (where the generated messages are)
from cpts.v1 import change_pb2, stage_pb2

FOREVER = "infinity"
EXITS = frozenset({"ABANDONNE", "FUSIONNE", "DISSOUS", "NON_RENOUVELE"})


def end(date):
    """A date that compares as text, also when it is infinity."""
    return "9999-12-31" if date == FOREVER else date


@dataclass
class Span:
    """Units of a territory for some time, as one version recorded them."""
    version: int
    units: dict
    valid_from: str
    valid_to: str
    superseded_by: int = 0


@dataclass
class Replica:
    """One CPTS as its changes make it."""
    cpts_id: str
    recorded: dict = field(default_factory=dict)
    card: dict = field(default_factory=dict)
    stages: list = field(default_factory=list)
    spans: list = field(default_factory=list)

    def apply(self, row):
        change = decode(row)
        if change is None:
            yield f"the bytes at {row['local_position']} are no change"
            return
        if (change.actor, change.command_id) != (row["actor"], row["command_id"]):
            yield f"the bytes at {row['local_position']} name another command"
        if change.aggregate_id != self.cpts_id:
            yield f"the bytes at {row['local_position']} name another CPTS"
        self.recorded[row["version"]] = row["recorded_at"]
        getattr(self, f"_{change.WhichOneof('event')}")(
            row["version"], getattr(change, change.WhichOneof("event")), row)

    def _cpts_created(self, version, event, row):
        self.card = {"cpts_id": self.cpts_id, "owner_node": row["origin_node"],
                     "epoch": row["epoch"], "name": event.name, "lead_region": event.lead_region,
                     "synthetic": event.synthetic, "finess": event.finess,
                     "website": event.website}
        for stage in event.stages:
            self._stage(version, stage)
        last = event.stages[-1]
        ended = stage_code(last.stage) in EXITS
        self._span(version, {unit.unit_code: unit.share for unit in event.territory},
                   event.stages[0].effective_on, last.effective_on if ended else FOREVER)

    def _cpts_updated(self, _, event, __):
        for name in ("name", "finess", "website"):
            if event.HasField(name):
                self.card[name] = getattr(event, name)

    def _cpts_stage_recorded(self, version, event, _):
        self._stage(version, event.stage)
        if stage_code(event.stage.stage) in EXITS:
            self._supersede(version, event.stage.effective_on)

    def _cpts_territory_set(self, version, event, _):
        self._supersede(version, event.effective_on)
        self._span(version, {unit.unit_code: unit.share for unit in event.territory},
                   event.effective_on, FOREVER)

    def _stage(self, version, stage):
        self.stages.append((version, stage_code(stage.stage), stage.successor_id or None,
                            stage.effective_on))
        self.card.update(stage=stage_code(stage.stage), stage_on=stage.effective_on)

    def _span(self, version, units, valid_from, valid_to):
        if units:
            self.spans.append(Span(version, units, valid_from, valid_to))

    def _supersede(self, version, date):
        for span in list(self.spans):
            if span.superseded_by or end(span.valid_to) <= date:
                continue
            span.superseded_by = version
            if span.valid_from < date:
                self._span(version, span.units, span.valid_from, date)

    def territory_rows(self):
        for span in self.spans:
            known = self.recorded[span.version], self.recorded.get(span.superseded_by, "")
            for code, share in span.units.items():
                yield (self.cpts_id, span.version, code, share, span.valid_from, span.valid_to,
                       *known)

    def stage_rows(self):
        for version, code, successor, date in self.stages:
            yield (self.cpts_id, version, code, successor, self.card["lead_region"], date, FOREVER,
                   self.recorded[version], True)

    def population_rows(self, units):
        """{(version, département, dates, believed): inhabitants}"""
        sums = {}
        for span in self.spans:
            for code, share in span.units.items():
                department, population = units[code]
                key = (self.cpts_id, span.version, department, span.valid_from, span.valid_to,
                       span.superseded_by == 0)
                sums[key] = sums.get(key, 0) + share * population
        return sums


def decode(row):
    try:
        change = change_pb2.Change.FromString(bytes.fromhex(row["bytes"]))
    except message.DecodeError:
        return None
    return change if change.WhichOneof("event") else None


def stage_code(number):
    return stage_pb2.Stage.Name(number).removeprefix("STAGE_")


def _compare(table, wanted, found):
    if len(set(found)) != len(found):
        yield f"{table}: a row is there twice"
    for row in sorted(set(wanted) - set(found), key=repr):
        yield f"{table}: missing {row}"
    for row in sorted(set(found) - set(wanted), key=repr):
        yield f"{table}: nothing in the log made {row}"


def _compare_populations(replicas, stored):
    units = {row["code"]: (row["department"], row["population_count"]) for row in stored.units}
    wanted = {}
    for replica in replicas:
        wanted.update(replica.population_rows(units))
    keys = [(row["cpts_id"], row["version"], row["department"], row["valid_from"],
             row["valid_to"], row["believed"]) for row in stored.populations]
    found = dict(zip(keys, (row["population_count"] for row in stored.populations)))
    yield from _compare("cpts_population", list(wanted), keys)
    for key in wanted.keys() & found.keys():
        if not math.isclose(wanted[key], found[key], rel_tol=1e-9):
            yield f"cpts_population: {key} has {found[key]}, the territory {wanted[key]}"


def differences(stored):
    """Sentences about rows that the log does not explain, or that are missing."""
    replicas = {}
    for row in stored.log:
        replica = replicas.setdefault(row["aggregate_id"], Replica(row["aggregate_id"]))
        if not replica.card and row["kind"] != "CPTS_CREATED":
            yield f"{row['aggregate_id']} was changed before it was created"
            return
        yield from replica.apply(row)
    every = list(replicas.values())
    cards = [tuple(sorted(replica.card.items())) for replica in every]
    yield from _compare("cpts", cards, [tuple(sorted(
        (name, value) for name, value in row.items() if name != "version"))
        for row in stored.cpts])
    yield from _compare("cpts_stage", [row for replica in every for row in replica.stage_rows()],
                        [tuple(row.values()) for row in stored.stages])
    yield from _compare("cpts_territory",
                        [row for replica in every for row in replica.territory_rows()],
                        [tuple(row.values()) for row in stored.territories])
    yield from _compare_populations(every, stored)
