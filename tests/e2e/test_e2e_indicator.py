# SPDX-License-Identifier: Apache-2.0
"""Indicators: step tables, values from submitted to locked, and a board from
which no small count can be worked out."""
import random
import unittest
import uuid

from google.protobuf import timestamp_pb2

from equations import solve
from node import (CALL_TIMEOUT_S, OTHER_REGION, REGION, Node, command, entry, indicator_pb2,
                  outcome, refusal, stage)

SUBMITTED, APPROVED, LOCKED = "SUBMITTED", "APPROVED", "LOCKED"
CHRONIC, SCREENING, DIRECTORY = "ALD_SANS_MT", "DEPISTAGE_SEIN", "ANNUAIRE_OFFRE"
STEPS = {CHRONIC: [("219", 300000), ("100", 600000), ("50", 900000)],
         SCREENING: [("69.70", 100000), ("72.40", 250000), ("75", 350000)],
         DIRECTORY: [("1", 500000)]}
SMALL = 11
SEED = 20261122
node = operator = agent = public = coordinator = None
coordinated = ""


def setUpModule():
    global node, operator, agent, public, coordinator, coordinated
    node = Node()
    operator, agent = node.client("operator"), node.client("agent")
    public, coordinator = node.client("public"), node.client("coordinator")
    coordinated = operator.create(lead_region=REGION).id
    node.grant("CPTS_COORDINATOR", f"cpts:{coordinated}", coordinator,
               lambda client: outcome(client.get, coordinated) == "OK")


def tearDownModule():
    if node is not None:
        for client in operator, agent, public, coordinator:
            client.close()
        node.stop()


def seen(region):
    """A CPTS that the public sees."""
    return operator.create(lead_region=region, stages=[
        entry("EMERGENCE", "2019-01-15"), entry("LETTRE_INTENTION", "2019-06-15")]).id


def state(name):
    return indicator_pb2.IndicatorState.Value(f"INDICATOR_STATE_{name}")


def call(client, name, **fields):
    request = getattr(indicator_pb2, f"{name}Request")(**fields)
    return getattr(client.indicator, name)(request, timeout=CALL_TIMEOUT_S)


def act(client, name, cpts_id, **fields):
    """A command about a CPTS at the version that it has."""
    fields.setdefault("expected_version", operator.get(cpts_id).version)
    return call(client, name, **command({"id": cpts_id, **fields}))


def target(client, cpts_id, code, steps=None, **fields):
    lines = [{"value": value, "amount_cents": cents}
             for value, cents in (STEPS[code] if steps is None else steps)]
    return act(client, "SetIndicatorTarget", cpts_id, **{
        "indicator": code, "effective_on": "2021-01-01", "thresholds": lines,
        "published": True, **fields})


def record(client, cpts_id, values, **fields):
    return act(client, "RecordIndicatorValues", cpts_id, values=[
        {"indicator": indicator, "period": period, "value": value}
        for indicator, period, value in values], **fields)


def decide(client, cpts_id, name, values):
    return act(client, "DecideIndicatorValues", cpts_id, state=state(name), values=[
        {"indicator": indicator, "period": period} for indicator, period in values])


def lock(cpts_id, indicator, period, value):
    record(operator, cpts_id, [(indicator, period, value)])
    decide(operator, cpts_id, APPROVED, [(indicator, period)])
    decide(operator, cpts_id, LOCKED, [(indicator, period)])


def own(cpts_id, client=None, **fields):
    """{code: indicator of the CPTS}"""
    answer = call(client or operator, "GetCptsIndicators", id=cpts_id, **fields)
    return {item.indicator.code: item for item in answer.indicators}


def results(cpts_id, indicator, **fields):
    """[(period, value, state, step, cents)]"""
    return [(result.value.period, result.value.value,
             indicator_pb2.IndicatorState.Name(result.value.state)[len("INDICATOR_STATE_"):],
             result.step, result.amount_cents)
            for result in own(cpts_id, **fields)[indicator].results]


class Definitions(unittest.TestCase):
    def test_indicator__definitions_with_their_marks(self):
        found = {item.code: item for item in call(public, "ListIndicators").indicators}
        self.assertEqual(len(found), 19)
        self.assertEqual(found["PASSAGES_URGENCES"].confidence, "from memory - to verify")
        self.assertEqual((found[SCREENING].unit, found[SCREENING].mission),
                         ("percent", "prevention"))
        self.assertTrue(all(item.source and item.label for item in found.values()))

    def test_indicator__definitions_of_a_date_and_a_mission(self):
        crisis = [item.code for item in call(public, "ListIndicators",
                                             mission="crise_sanitaire").indicators]
        self.assertEqual(crisis, ["PLAN_CRISE", "PLAN_CRISE_MIS_EN_OEUVRE"])
        before = call(public, "ListIndicators", mission="crise_sanitaire", as_of="2021-12-19")
        self.assertEqual(len(before.indicators), 0)


class Values(unittest.TestCase):
    def setUp(self):
        self.id = operator.create(lead_region=REGION).id

    def test_indicator__from_submitted_to_locked(self):
        target(agent, self.id, SCREENING, baseline="66.26")
        record(agent, self.id, [(SCREENING, "2022", "70.1"), (SCREENING, "2023", "75")])
        self.assertEqual(results(self.id, SCREENING),
                         [("2022", "70.1", SUBMITTED, 1, 100000),
                          ("2023", "75", SUBMITTED, 3, 350000)])
        decide(agent, self.id, APPROVED, [(SCREENING, "2022"), (SCREENING, "2023")])
        decide(agent, self.id, LOCKED, [(SCREENING, "2022")])
        self.assertEqual([line[2] for line in results(self.id, SCREENING)], [LOCKED, APPROVED])
        self.assertEqual(own(self.id)[SCREENING].baseline, "66.26")
        self.assertEqual(len(own(self.id, year="2022")[SCREENING].results), 1)

    def test_indicator__published_contract(self):
        target(agent, self.id, CHRONIC)
        for period, value, cents in (("2020", "219", 300000), ("2021", "101", 300000),
                                     ("2022", "100", 600000), ("2023", "50", 900000),
                                     ("2024", "220", 0)):
            record(agent, self.id, [(CHRONIC, period, value)])
            self.assertEqual(results(self.id, CHRONIC, year=period)[0][4], cents, value)

    def test_indicator__locked_value_is_corrected_by_an_ars_with_a_reason(self):
        target(agent, self.id, CHRONIC)
        lock(self.id, CHRONIC, "2023", "104")
        known_at = timestamp_pb2.Timestamp()
        known_at.GetCurrentTime()
        before = own(self.id, known_at=known_at)[CHRONIC].SerializeToString()
        self.assertEqual(outcome(record, agent, self.id, [(CHRONIC, "2023", "99")]),
                         "FAILED_PRECONDITION/INDICATOR_LOCKED")
        record(agent, self.id, [(CHRONIC, "2023", "99")], correction_reason="erreur de saisie")
        self.assertEqual(results(self.id, CHRONIC), [("2023", "99", LOCKED, 2, 600000)])
        self.assertEqual(own(self.id, known_at=known_at)[CHRONIC].SerializeToString(), before)

    def test_indicator__coordinator_submits_and_does_not_correct(self):
        target(agent, coordinated, DIRECTORY)
        record(coordinator, coordinated, [(DIRECTORY, "2023", "1")])
        decide(agent, coordinated, APPROVED, [(DIRECTORY, "2023")])
        decide(agent, coordinated, LOCKED, [(DIRECTORY, "2023")])
        self.assertEqual(outcome(record, coordinator, coordinated, [(DIRECTORY, "2023", "0")],
                                 correction_reason="non"), "FAILED_PRECONDITION/INDICATOR_LOCKED")
        self.assertEqual(results(coordinated, DIRECTORY), [("2023", "1", LOCKED, 1, 500000)])

    def test_indicator__step_table_of_the_date(self):
        target(agent, self.id, CHRONIC, effective_on="2021-01-01")
        target(agent, self.id, CHRONIC, steps=[("80", 100)], effective_on="2023-01-01")
        self.assertEqual(len(own(self.id, as_of="2022-12-31")[CHRONIC].thresholds), 3)
        self.assertEqual(len(own(self.id, as_of="2023-01-01")[CHRONIC].thresholds), 1)
        self.assertEqual(own(self.id, as_of="2020-12-31"), {})

    def test_indicator__command_given_again(self):
        request = indicator_pb2.RecordIndicatorValuesRequest(
            command_id=str(uuid.uuid4()), id=self.id, expected_version=1,
            values=[{"indicator": CHRONIC, "period": "2023", "value": "12"}])
        first = agent.indicator.RecordIndicatorValues(request, timeout=CALL_TIMEOUT_S)
        again = agent.indicator.RecordIndicatorValues(request, timeout=CALL_TIMEOUT_S)
        self.assertEqual((again.version, again.log_position, again.replayed),
                         (first.version, first.log_position, True))


class Refused(unittest.TestCase):
    """Each rule broken once: status, reason, field; nothing stored."""

    def setUp(self):
        self.id = operator.create(lead_region=REGION).id

    def refused(self, wanted, field, function, *arguments, **named):
        before = node.fingerprint()
        said = refusal(function, *arguments, **named)
        self.assertEqual((f"{said.status}/{said.reason}", said.field), (wanted, field))
        self.assertEqual(node.fingerprint(), before, "something was stored")

    def test_indicator__refused_targets(self):
        order = "INVALID_ARGUMENT/THRESHOLD_ORDER_INVALID"
        invalid = "INVALID_ARGUMENT/FIELD_INVALID"
        many = [(str(index), index) for index in range(4)]
        for wanted, field, fields in (
                (order, "thresholds[1].value", {"steps": [("70", 1), ("70", 2)]}),
                (order, "thresholds[1].amount_cents", {"steps": [("70", 2), ("71", 1)]}),
                (order, "thresholds[2].value", {"steps": [("1", 1), ("3", 2), ("2", 3)]}),
                (order, "thresholds", {"steps": [("75", 1), ("70", 2)]}),
                (invalid, "thresholds", {"steps": many}),
                (invalid, "thresholds[0].value", {"steps": [("7,5", 1)]}),
                (invalid, "thresholds[0].amount_cents", {"steps": [("75", -1)]}),
                (invalid, "baseline", {"baseline": "x"}),
                (invalid, "indicator", {"indicator": "a b"}),
                (invalid, "effective_on", {"effective_on": "2021-02-30"}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "thresholds", {"steps": []}),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "expected_version", {"expected_version": 0}),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE", "effective_on",
                 {"effective_on": "2190-01-01"}),
                ("INVALID_ARGUMENT/UNKNOWN_INDICATOR", "indicator", {"indicator": "NOTHING"}),
                ("INVALID_ARGUMENT/UNKNOWN_INDICATOR", "indicator",
                 {"effective_on": "2019-06-19"}),
                ("ABORTED/STALE_VERSION", "expected_version", {"expected_version": 2})):
            with self.subTest(fields=fields):
                self.refused(wanted, field, target, agent, self.id, SCREENING, **fields)

    def test_indicator__refused_yes_or_no(self):
        self.refused("INVALID_ARGUMENT/THRESHOLD_ORDER_INVALID", "thresholds", target, agent,
                     self.id, DIRECTORY, steps=[("2", 100)])

    def test_indicator__refused_values(self):
        invalid = "INVALID_ARGUMENT/FIELD_INVALID"
        good = (SCREENING, "2023", "70")
        for wanted, field, values in (
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "values", []),
                (invalid, "values", [(SCREENING, "2023", "1")] * 501),
                (invalid, "values[1]", [good, (SCREENING, "2023", "71")]),
                (invalid, "values[1].period", [good, (SCREENING, "2023-13", "1")]),
                (invalid, "values[1].value", [good, (CHRONIC, "2023", "")]),
                (invalid, "values[1].value", [good, (CHRONIC, "2023", "1e3")]),
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "values[1].indicator",
                 [good, ("", "2023", "1")]),
                ("INVALID_ARGUMENT/DATE_IN_FUTURE", "values[1].period",
                 [good, (CHRONIC, "2150", "1")]),
                ("INVALID_ARGUMENT/UNKNOWN_INDICATOR", "indicator", [good, ("NO", "2023", "1")])):
            with self.subTest(values=values[:2]):
                self.refused(wanted, field, record, agent, self.id, values)

    def test_indicator__refused_decisions(self):
        step = "FAILED_PRECONDITION/INDICATOR_STEP_ILLEGAL"
        record(agent, self.id, [(SCREENING, "2023", "70")])
        self.refused(step, "values", decide, agent, self.id, LOCKED, [(SCREENING, "2023")])
        self.refused(step, "values", decide, agent, self.id, APPROVED,
                     [(SCREENING, "2023"), (CHRONIC, "2023")])
        self.refused("INVALID_ARGUMENT/FIELD_INVALID", "state", decide, agent, self.id, SUBMITTED,
                     [(SCREENING, "2023")])
        decide(agent, self.id, APPROVED, [(SCREENING, "2023")])
        self.refused(step, "values", decide, agent, self.id, APPROVED, [(SCREENING, "2023")])

    def test_indicator__refused_after_the_end(self):
        operator.record(id=self.id, expected_version=1, stage=stage("ABANDONNE"),
                        effective_on="2022-01-01")
        self.refused("FAILED_PRECONDITION/CPTS_ENDED", "id", target, agent, self.id, SCREENING)

    def test_indicator__refused_boards(self):
        for wanted, field, fields in (
                ("INVALID_ARGUMENT/FIELD_REQUIRED", "indicator", {"period": "2023"}),
                ("INVALID_ARGUMENT/FIELD_INVALID", "period", {"indicator": CHRONIC}),
                ("INVALID_ARGUMENT/UNKNOWN_INDICATOR", "indicator",
                 {"indicator": "NO", "period": "2023"}),
                ("INVALID_ARGUMENT/UNKNOWN_REGION", "region",
                 {"indicator": CHRONIC, "period": "2023", "region": "98"})):
            with self.subTest(fields=fields):
                self.refused(wanted, field, call, public, "GetIndicatorBoard", **fields)


def board(indicator, period, regions, client=None):
    """Every cell that anybody can see: {key: cell}, CPTS of all regions."""
    cells = {}
    for region in regions:
        answer = call(client or public, "GetIndicatorBoard", indicator=indicator, period=period,
                      region=region)
        cells.update({cell.key: cell for cell in answer.cells})
    return cells


class Board(unittest.TestCase):
    """Counts of people: what the public sees, and what it can work out."""

    def fill(self, period, counts):
        """{region: counts of its CPTS}; gives {region: ids}."""
        ids = {}
        for region, values in counts.items():
            ids[region] = []
            for value in values:
                cpts_id = seen(region)
                target(operator, cpts_id, self.indicator, effective_on=f"{period}-12-31")
                lock(cpts_id, self.indicator, period, str(value))
                ids[region].append(cpts_id)
        return ids

    indicator = CHRONIC

    def test_indicator__board_suppresses_and_what_gives_it_away(self):
        self.indicator = "C2S_ALD_SANS_MT"
        STEPS[self.indicator] = [("16", 100), ("6", 300000)]
        ids = self.fill("2022", {REGION: [3, 60, 40, 80], OTHER_REGION: [30, 50]})
        cells = board(self.indicator, "2022", ids)
        shown = [cells[cpts_id].value for cpts_id in ids[REGION]]
        self.assertEqual(shown, ["", "60", "", "80"])
        self.assertEqual((cells[REGION].value, cells[OTHER_REGION].value, cells[""].value),
                         ("183", "80", "263"))
        self.assertTrue(cells[ids[REGION][0]].suppressed and cells[ids[REGION][2]].suppressed)
        self.assertEqual(list(cells[ids[REGION][0]].step_counts), [])

    def test_indicator__board_waits_until_all_have_reported(self):
        self.indicator = "PLUS_70_ANS_SANS_MT"
        STEPS[self.indicator] = [("303", 100), ("203", 500000)]
        ids = self.fill("2022", {REGION: [300, 250], OTHER_REGION: [100, 90]})
        late = seen(REGION)
        target(operator, late, self.indicator, effective_on="2022-12-31")
        record(operator, late, [(self.indicator, "2022", "77")])
        cells = board(self.indicator, "2022", ids)
        self.assertEqual([cells[key].suppressed for key in ("", REGION, *ids[REGION], late)],
                         [True] * 5)
        self.assertEqual((cells[REGION].reporting_count, cells[REGION].expected_count), (2, 3))
        other = cells[OTHER_REGION]
        self.assertEqual((other.value, other.suppressed), ("190", False))

    def test_indicator__board_shows_only_what_is_published(self):
        self.indicator = "PATIENTS_16_AVEC_MT"
        STEPS[self.indicator] = [("68811", 500000)]
        ids = self.fill("2022", {REGION: [500, 600]})
        hidden, unseen = seen(REGION), operator.create(lead_region=REGION).id
        for cpts_id, published in (hidden, False), (unseen, True):
            target(operator, cpts_id, self.indicator, effective_on="2022-12-31",
                   published=published)
            lock(cpts_id, self.indicator, "2022", "5000")
        cells = board(self.indicator, "2022", ids)
        self.assertNotIn(hidden, cells)
        self.assertNotIn(unseen, cells)
        self.assertEqual(cells[REGION].value, "1100")

    def test_indicator__board_of_rates_gives_medians(self):
        self.indicator = SCREENING
        ids = self.fill("2022", {REGION: ["70.5", "60.25", "75"], OTHER_REGION: ["50"]})
        cells = board(SCREENING, "2022", ids)
        self.assertEqual((cells[REGION].value, cells[OTHER_REGION].value), ("70.5", "50"))
        self.assertEqual(list(cells[REGION].step_counts), [1, 1, 0, 1])
        self.assertFalse(any(cell.suppressed for cell in cells.values()))

    def test_indicator__board_is_the_same_for_everybody(self):
        self.indicator = "PATIENTS_16_AVEC_MT"
        STEPS[self.indicator] = [("68811", 500000)]
        ids = self.fill("2023", {REGION: [500, 4], OTHER_REGION: [600, 700]})
        hidden, unseen = seen(OTHER_REGION), operator.create(lead_region=OTHER_REGION).id
        for cpts_id, published in (hidden, False), (unseen, True):
            target(operator, cpts_id, self.indicator, effective_on="2023-12-31",
                   published=published)
            lock(cpts_id, self.indicator, "2023", "5")
        analyst = node.client("analyst")
        self.addCleanup(analyst.close)
        wanted = board(self.indicator, "2023", ids)
        self.assertEqual(wanted[OTHER_REGION].value, "1300")
        for client in operator, agent, coordinator, analyst:
            self.assertEqual(board(self.indicator, "2023", ids, client), wanted)

    def test_indicator__hidden_cells_cannot_be_recovered(self):
        """Whatever the counts: from all the boards' cells together, no hidden
        count follows by addition and subtraction."""
        draw = random.Random(SEED)
        print(f"seed={SEED}")
        hidden = 0
        for year in range(2020, 2024):
            self.indicator = "SAS_RDV_HONORES"
            STEPS[self.indicator] = [("1", 300000)]
            period = str(year)
            counts = {region: [draw.choice((draw.randrange(SMALL), draw.randrange(300)))
                               for _ in range(draw.randrange(1, 6))]
                      for region in (REGION, OTHER_REGION, "84", "93")}
            before = board(self.indicator, period, counts)
            self.assertEqual(set(before) - {""}, set(), "a period of its own")
            ids = self.fill(period, counts)
            cells = board(self.indicator, period, counts)
            hidden += sum(cell.suppressed for cell in cells.values())
            self.check(cells, ids, counts)
            self.forget(ids)
        self.assertGreater(hidden, 0)

    def test_indicator__boards_of_a_year_cannot_be_subtracted(self):
        """Two half-years and the year that they add up to, in every region: from
        all these boards laid next to each other no hidden count follows."""
        draw = random.Random(SEED)
        print(f"seed={SEED}")
        self.indicator = "PARCOURS_PATIENTS"
        STEPS[self.indicator] = [("1", 300000)]
        small = 0
        for year in range(2020, 2024):
            counts = {region: [(draw.randrange(15), draw.randrange(200))
                               for _ in range(draw.randrange(2, 5))]
                      for region in (REGION, OTHER_REGION, "84")}
            periods = {f"{year}-S1": lambda pair: pair[0], f"{year}-S2": lambda pair: pair[1],
                       str(year): sum}
            ids = self.fill_year(year, counts, periods)
            boards = {period: board(self.indicator, period, counts) for period in periods}
            equations = [equation for period in periods
                         for equation in self.equations(boards[period], ids, period)]
            for key in boards[str(year)]:
                equations.append({(key, period): 1 if period == str(year) else -1
                                  for period in periods if boards[period][key].suppressed})
            self.assertEqual(solve(equations), set())
            for region, cpts_ids in ids.items():
                for cpts_id, pair in zip(cpts_ids, counts[region]):
                    for period, count in periods.items():
                        small += count(pair) < SMALL
                        self.assertTrue(count(pair) >= SMALL or boards[period][cpts_id].suppressed)
            self.assertTrue(any(not cell.suppressed for cell in boards[str(year)].values()))
            self.forget(ids)
        self.assertGreater(small, 0)

    def fill_year(self, year, counts, periods):
        """CPTS that have a value in each of the periods; {region: ids}."""
        ids = {region: [seen(region) for _ in pairs] for region, pairs in counts.items()}
        for region, pairs in counts.items():
            for cpts_id, pair in zip(ids[region], pairs):
                target(operator, cpts_id, self.indicator, effective_on=f"{year}-01-01")
                for period, count in periods.items():
                    lock(cpts_id, self.indicator, period, str(count(pair)))
        return ids

    def forget(self, ids):
        """The step tables end with the period, so that the next stands alone."""
        node.database.query("UPDATE cpts.cpts_indicator_target SET recorded_to = now()"
                            f" WHERE indicator = '{self.indicator}';")

    def check(self, cells, ids, counts):
        for region, cpts_ids in ids.items():
            for cpts_id, count in zip(cpts_ids, counts[region]):
                self.assertTrue(count >= SMALL or cells[cpts_id].suppressed)
        self.assertEqual(solve(self.equations(cells, ids)), set())

    def equations(self, cells, ids, period=""):
        """What a board says of its hidden cells: a total less its parts is known."""
        return [{(key, period): (1 if key == total else -1)
                 for key in (total, *parts) if cells[key].suppressed}
                for total, parts in [("", list(ids))] + list(ids.items())]

    def test_indicator__the_solver_can_subtract(self):
        self.assertEqual(solve([{"a": 1}, {"b": 1, "c": 1}]), {"a"})
        self.assertEqual(solve([{"a": 1, "b": 1}, {"b": 1}]), {"a", "b"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
