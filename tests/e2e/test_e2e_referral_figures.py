# SPDX-License-Identifier: Apache-2.0
"""Figures of referrals for those who take no part: released once a period, and from
all that is told together nothing small can be worked out."""
import collections
import csv
import datetime
import io
import json
import random
import unittest

import referral_rows as rows
from equations import solve
from node import OTHER_REGION, REGION, Node, outcome, refusal
from referral_rows import ask, referral_pb2
from tool import cptsctl, write_profile

SMALL = 11
SEED = 20261122
# No clock goes off while figures are compared with the tables they were made from.
LATER = "now() + interval '1 day'"
REGIONS = REGION, OTHER_REGION, "84", "93"
USE_CASES = "SNP", "MEDECIN_TRAITANT", "PARCOURS"
QUARTERS = [(year, number) for year in (2023, 2024) for number in (1, 2, 3, 4)]
COUNTS = {"SUBMITTED": "submitted_count", "OPEN": "open_count", "TO_REASSIGN": "to_reassign_count",
          "FULFILLED": "fulfilled_count", "ABANDONED": "abandoned_count",
          "PURGED": "purged_count", "ATTEMPT": "attempt_count", "ACCEPTED": "accepted_count",
          "DECLINED": "declined_count", "DECLINED_CAPACITY": "declined_capacity_count",
          "GIVEN_BACK": "given_back_count", "OVERDUE": "overdue_count"}
OF_ATTEMPTS = {"ATTEMPT", "ACCEPTED", "DECLINED", "DECLINED_CAPACITY", "GIVEN_BACK", "REPORTED"}
# A figure is the sum of these; those without a field of their own are worked out.
SUMS = {"SUBMITTED": ("FULFILLED", "REST"),
        "REST": ("OPEN", "TO_REASSIGN", "ABANDONED", "PURGED"),
        "ATTEMPT": ("ACCEPTED", "DECLINED", "NEITHER"),
        "ACCEPTED": ("GIVEN_BACK", "KEPT"), "DECLINED": ("DECLINED_CAPACITY", "DECLINED_ELSE")}
MORE_SUMS = (("REST", ("OVERDUE", "IN_TIME")), ("ACCEPTED", ("REPORTED", "UNREPORTED")))
node = operator = analyst = agent = coordinator = None
cpts = {}


def setUpModule():
    global node, operator, analyst, agent, coordinator
    node = Node()
    node.operator = node.client("operator")
    for region in REGIONS:
        cpts[region] = [node.operator.create(name=f"CPTS {region} {number}",
                                             lead_region=region).id
                        for number in range(4)]
    coordinator = rows.Side(node, "coordinator", 7)
    cpts[REGION].append(coordinator.cpts_id)
    if released():
        raise AssertionError("something was released before there was a referral")
    fill(random.Random(SEED))
    node.reread_roles(lambda: outcome(coordinator.client.get, coordinator.cpts_id) == "OK")
    operator, analyst, agent = (rows.connect(node, name)
                                for name in ("operator", "analyst", "agent"))
    twin = node.twin()  # a server releases when it starts
    try:
        node.reread_roles(lambda: "2025-T1" in released())
    finally:
        twin.stop()


def tearDownModule():
    if node is not None:
        for client in node.operator, operator, analyst, agent, coordinator:
            client.close()
        node.stop()


def released():
    return [row[0] for row in node.database.query(
        "SELECT period FROM cpts.referral_release ORDER BY period;") if row]


def after(instant, hours):
    return f"{instant} + interval '{hours} hours'"


def referral_sql(draw, origin, region, destinations, day, **fixed):
    """One referral and its attempts, of any outcome, as two rows of values."""
    status = fixed.get("status") or draw.choices(
        ("FULFILLED", "OPEN", "TO_REASSIGN", "ABANDONED"), (70, 20, 7, 3))[0]
    erased = status == "FULFILLED" and draw.random() < .1
    over = status in ("FULFILLED", "ABANDONED")
    late = not over and draw.random() < .4
    made = f"'{day}'::timestamptz"
    use_case = draw.choices(USE_CASES, (60, 30, 10))[0]
    name = rows.new_id()
    attempts = []
    for destination in draw.sample(destinations, min(len(destinations), draw.choice((1, 1, 2)))):
        answer = draw.choices(("accepted", "declined", "none"), (60, 30, 10))[0]
        state, reason = "WITHDRAWN", ""
        if answer == "accepted":
            state = draw.choices(("CLOSED", "ACCEPTED", "DECLINED"), (70, 20, 10))[0]
        elif answer == "declined":
            state, reason = "DECLINED", draw.choice(("CAPACITY", "CLINICAL"))
        ended = made if state in rows.TERMINAL else "NULL"
        attempts.append(
            f"('{name}','{rows.new_id()}','{destination}',1,'{state}','w',{made},{made},{ended},"
            f"{after(made, 2) if answer == 'accepted' else 'NULL'},"
            f"{after(made, 9) if state == 'CLOSED' else 'NULL'},"
            f"'{reason}')")
    of = (f"('{name}','national',1,1,'{status}','{use_case}','WITHIN_24H',"
          f"'{fixed.get('unit', rows.UNIT)}','{origin}','{region}',"
          f"{'NULL' if over else repr(origin)},ARRAY['{origin}']::uuid[],'ECHANGE',1,"
          f"decode(repeat('00',64),'hex'),sha256('o'),sha256('c'),{erased},"
          f"{fixed.get('unroutable', False)},true,{made},{made},{made if over else 'NULL'})")
    clock = (f"('{name}','{rows.uuid.UUID(int=0)}','REASSIGN',{LATER},now(),{int(late)})"
             if not over else None)
    return of, attempts, clock


def store(batch):
    referrals, attempts, clocks = [], [], []
    for of, tried, clock in batch:
        referrals.append(of)
        attempts += tried
        clocks += [clock] if clock else []
    node.database.query(
        "INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case,"
        " urgency, unit_code, origin_id, origin_region, custodian_id, parties, legal_basis,"
        " key_serial, signature, offer_hash, content_hash, erased, unroutable, synthetic,"
        f" created_at, updated_at, ended_at) VALUES {','.join(referrals)};"
        + (" INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version,"
           " state, wrap, submitted_at, state_at, ended_at, accepted_at, reported_at, reason)"
           f" VALUES {','.join(attempts)};" if attempts else "")
        + (" INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, armed_at,"
           f" level) VALUES {','.join(clocks)};" if clocks else ""))


def fill(draw):
    """Two years of referrals, few of some CPTS, many of others; unmet needs of 2022; and
    one referral in the first quarter of 2025."""
    everybody = [cpts_id for ids in cpts.values() for cpts_id in ids]
    for year, number in QUARTERS:
        day = datetime.date(year, 3 * number - 1, 15)
        batch = []
        for region, ids in cpts.items():
            for origin in ids:
                count = draw.choice((0, draw.randrange(SMALL), draw.randrange(120), 100))
                batch += [referral_sql(draw, origin, region, everybody, day)
                          for _ in range(count)]
        store(batch)
    units = node.database.query("SELECT code FROM cpts.territory_unit WHERE kind = 'COMMUNE'"
                                " AND department IN ('35', '29', '13') ORDER BY code LIMIT 40;")
    store([referral_sql(draw, everybody[0], REGION, [], "2022-05-05", unit=code, unroutable=True,
                        status="OPEN")
           for code, in units for _ in range(draw.choice((1, 3, 12, 30)))])
    store([referral_sql(draw, everybody[0], REGION, everybody, "2025-02-15")])


def figures(client, **fields):
    return ask(client, "GetReferralStatistics", **fields)


def held(row):
    return {referral_pb2.ReferralFigure.Name(number).removeprefix("REFERRAL_FIGURE_")
            for number in row.held_back}


def told(row):
    """{figure: count} of those that are told."""
    found = {name: getattr(row, field) for name, field in COUNTS.items() if name not in held(row)}
    if "REPORT_DELAY" not in held(row):
        found["REPORTED"] = row.report_delay.count
    return found


def cubes(client, period):
    """{(cube, key): row} and {(cube, total): parts} of all that may be asked for."""
    cells, trees = {}, {}
    nation, = figures(client, period=period).rows
    regions = figures(client, period=period, group_by="REFERRAL_GROUPING_REGION").rows
    for row in figures(client, period=period, group_by="REFERRAL_GROUPING_USE_CASE").rows:
        cells["USE_CASE", row.key] = row
        trees.setdefault(("USE_CASE", ""), []).append(row.key)
    for row in figures(client, period=period, group_by="REFERRAL_GROUPING_DESTINATION").rows:
        cells["DESTINATION", row.key] = row
        trees.setdefault(("DESTINATION", ""), []).append(row.key)
    for region in regions:
        cells["ORIGIN", region.key] = region
        trees.setdefault(("ORIGIN", ""), []).append(region.key)
        parts = figures(client, period=period, region=region.key,
                        group_by="REFERRAL_GROUPING_ORIGIN").rows
        trees["ORIGIN", region.key] = [part.key for part in parts]
        cells.update({("ORIGIN", part.key): part for part in parts})
    for cube in "ORIGIN", "DESTINATION", "USE_CASE":
        cells[cube, ""] = nation
    return cells, trees


def known(cells):
    """{(cube, key, figure): count}; the nation is the same in all cubes."""
    return {(cube if key else "", key, figure): count for (cube, key), row in cells.items()
            for figure, count in told(row).items()
            if not (cube == "DESTINATION" and key and figure not in OF_ATTEMPTS)}


def equations(cells, trees, facts):
    """What adds up, less what is known: {unknown: coefficient}, the constant left out."""
    found = []
    names = set(COUNTS) | {"REPORTED"}
    for cube, key in cells:
        place = cube if key else ""
        for whole, parts in [*SUMS.items(), *MORE_SUMS]:
            if cube == "DESTINATION" and key and whole not in ("ATTEMPT", "ACCEPTED", "DECLINED"):
                continue
            found.append({(place, key, whole): 1, **{(place, key, part): -1 for part in parts}})
    for (cube, total), parts in trees.items():
        for figure in names | {"REST"}:
            if cube == "DESTINATION" and figure not in OF_ATTEMPTS:
                continue
            found.append({(cube if total else "", total, figure): 1,
                          **{(cube, part, figure): -1 for part in parts}})
    return [{name: sign for name, sign in row.items() if name not in facts} for row in found]


def truth(period):
    """{(cube, key, figure): count} as it is, from the tables themselves."""
    year, number = int(period[:4]), int(period[-1])
    on = f"r.created_at::date = '{datetime.date(year, 3 * number - 1, 15)}'"
    regions = {cpts_id: region for region, ids in cpts.items() for cpts_id in ids}
    found = collections.Counter()
    for origin, region, use_case, status, erased, late in node.database.query(
            "SELECT r.origin_id, r.origin_region, r.use_case, r.status, r.erased, EXISTS (SELECT"
            " FROM cpts.referral_clock k WHERE k.referral_id = r.referral_id AND k.level > 0)"
            f" FROM cpts.referral r WHERE {on};"):
        names = ["SUBMITTED", "PURGED" if erased == "t" else status]
        names += ["REST"] if names[1] != "FULFILLED" else []
        names += ["OVERDUE"] if late == "t" else ["IN_TIME"] if "REST" in names else []
        for place in ("", ""), ("ORIGIN", origin), ("ORIGIN", region), ("USE_CASE", use_case):
            found.update((*place, name) for name in names)
    for origin, region, use_case, asked, accepted, declined, capacity, reported in (
            node.database.query(
                "SELECT r.origin_id, r.origin_region, r.use_case, a.destination_id, a.accepted_at"
                " IS NOT NULL, a.state = 'DECLINED', a.reason = 'CAPACITY', a.reported_at IS NOT"
                " NULL FROM cpts.referral r JOIN cpts.assignment a ON a.referral_id ="
                f" r.referral_id WHERE {on};")):
        names = ["ATTEMPT"]
        if accepted == "t":
            names += ["ACCEPTED", "GIVEN_BACK" if declined == "t" else "KEPT",
                      "REPORTED" if reported == "t" else "UNREPORTED"]
        elif declined == "t":
            names += ["DECLINED", "DECLINED_CAPACITY" if capacity == "t" else "DECLINED_ELSE"]
        else:
            names += ["NEITHER"]
        for place in (("", ""), ("ORIGIN", origin), ("ORIGIN", region), ("USE_CASE", use_case),
                      ("DESTINATION", asked), ("DESTINATION", regions[asked])):
            found.update((*place, name) for name in names)
    return found


class Released(unittest.TestCase):
    def test_figures__nothing_told_is_small_and_all_of_it_is_true(self):
        for year, number in QUARTERS:
            period = f"{year}-T{number}"
            cells, _ = cubes(analyst, period)
            facts, real = known(cells), truth(period)
            self.assertTrue(any(key for _, key, _ in facts), period)
            for name, count in facts.items():
                self.assertGreaterEqual(count, SMALL, name)
                self.assertEqual(count, real[name], name)

    def test_figures__what_is_held_back_cannot_be_worked_out(self):
        print(f"seed={SEED}")
        hidden = 0
        for year, number in QUARTERS[::2]:
            period = f"{year}-T{number}"
            cells, trees = cubes(analyst, period)
            rules, real = equations(cells, trees, known(cells)), truth(period)
            hidden += len({name for row in rules for name in row})
            for name in solve(rules):  # complements of what is told, and none of them small
                self.assertNotIn(name[2], {*COUNTS, "REPORTED"}, name)
                self.assertGreaterEqual(real[name], SMALL, name)
        self.assertGreater(hidden, 0)

    def test_figures__who_knows_its_own_learns_nothing_small_of_others(self):
        period = "2023-T2"
        cells, trees = cubes(analyst, period)
        facts, real = known(cells), truth(period)
        for region, ids in cpts.items():
            for mine in ids[:1], ids[-1:], ids:
                more = {name: count for name, count in real.items()
                        if name[0] == "ORIGIN" and name[1] in mine}
                more.update({("ORIGIN", cpts_id, figure): real["ORIGIN", cpts_id, figure]
                             for cpts_id in mine for figure in {*COUNTS, "REPORTED"}})
                found = solve(equations(cells, trees, {**facts, **more}))
                small = {name for name in found if name[1] not in (*mine, region)
                         and real[name] < SMALL}
                self.assertEqual(small, set(), mine)

    def test_figures__the_solver_sees_what_one_more_figure_would_tell(self):
        cells, trees = cubes(analyst, "2023-T2")
        facts = known(cells)
        rules = equations(cells, trees, facts)
        hidden = min((row for row in rules if len(row) > 1), key=len)
        self.assertNotEqual(solve([*rules, *({name: 1} for name in list(hidden)[1:])]), set())

    def test_figures__same_for_everybody_and_by_every_filter(self):
        wanted, _ = cubes(analyst, "2024-T1")
        for client in operator, coordinator.client:
            for region in REGIONS:
                part, = figures(client, period="2024-T1", region=region).rows
                self.assertEqual(part, wanted["ORIGIN", region])
            for (cube, key), row in wanted.items():
                if len(key) == 36 and key != coordinator.cpts_id:
                    found, = figures(client, period="2024-T1", cpts_id=key, group_by={
                        "ORIGIN": "REFERRAL_GROUPING_TOTAL",
                        "DESTINATION": "REFERRAL_GROUPING_DESTINATION"}[cube]).rows
                    self.assertEqual(found, row)

    def test_figures__year_is_what_its_quarters_add_up_to(self):
        year, = figures(analyst, period="2024").rows
        quarters = [figures(analyst, period=f"2024-T{number}").rows[0] for number in (1, 2, 3, 4)]
        self.assertEqual(year.submitted_count, sum(row.submitted_count for row in quarters))
        for name in COUNTS:
            self.assertEqual(name in held(year), any(name in held(row) for row in quarters), name)
        self.assertTrue({"ACCEPT_DELAY", "REPORT_DELAY"} <= held(year))

    def test_figures__release_never_changes(self):
        before = figures(analyst, period="2023-T3", group_by="REFERRAL_GROUPING_REGION")
        store([referral_sql(random.Random(1), cpts[REGION][0], REGION, cpts[REGION],
                            "2023-08-15")])
        twin = node.twin()
        self.addCleanup(twin.stop)
        self.assertEqual(figures(analyst, period="2023-T3", group_by="REFERRAL_GROUPING_REGION"),
                         before)
        self.assertEqual((before.threshold_count, before.synthetic, before.period),
                         (11, True, "2023-T3"))

    def test_figures__nation_of_one_is_told_to_nobody(self):
        for client in operator, analyst:
            row, = figures(client, period="2025-T1").rows
            self.assertEqual((row.suppressed, row.submitted_count, told(row)), (True, 0, {}))

    def test_figures__slices_of_others_are_refused(self):
        here = cpts[OTHER_REGION][0]
        for fields, field in (
                ({"use_case": "USE_CASE_SNP"}, "use_case"),
                ({"from": "2023-01-01", "to": "2023-03-31"}, "from"), ({"to": "2023-03-31"}, "to"),
                ({"group_by": "REFERRAL_GROUPING_DAY"}, "group_by"),
                ({"group_by": "REFERRAL_GROUPING_USE_CASE", "region": OTHER_REGION}, "region"),
                ({"group_by": "REFERRAL_GROUPING_DESTINATION", "region": OTHER_REGION}, "region"),
                ({"group_by": "REFERRAL_GROUPING_REGION", "cpts_id": here}, "cpts_id"),
                ({"period": "2023-S1"}, "period"), ({"period": "2023-02"}, "period"),
                ({"period": "2023-T1", "from": "2023-01-01"}, "period"),
                ({"period": "2019"}, "period"), ({"period": "2190-T1"}, "period")):
            for client in analyst, operator, coordinator.client, agent:
                with self.subTest(fields=fields):
                    found = refusal(figures, client, **fields)
                    self.assertEqual((found.reason, found.field), ("FIELD_INVALID", field))

    def test_figures__own_ones_are_told_in_full(self):
        asked = {"from": "2023-04-01", "to": "2023-06-30"}
        mine = coordinator.cpts_id
        real = truth("2023-T2")
        row, = figures(coordinator.client, cpts_id=mine, **asked).rows or [None]
        self.assertEqual((row.submitted_count, row.open_count, list(row.held_back)),
                         (real["ORIGIN", mine, "SUBMITTED"], real["ORIGIN", mine, "OPEN"], []))
        self.assertEqual(figures(coordinator.client, cpts_id=mine, period="2023-T2").rows[0], row)
        for fields in {"region": REGION}, {"cpts_id": cpts[REGION][0]}:
            self.assertEqual(figures(agent, **asked, **fields).threshold_count, 0)
        region, = figures(agent, region=REGION, **asked).rows
        self.assertEqual(region.submitted_count, real["ORIGIN", REGION, "SUBMITTED"])

    def test_figures__an_ars_has_no_full_figures_of_what_others_sent_to_its_cpts(self):
        asked = {"cpts_id": cpts[REGION][0], "group_by": "REFERRAL_GROUPING_DESTINATION"}
        self.assertEqual(figures(agent, period="2023-T2", **asked).threshold_count, 11)
        own = figures(agent, period="2023-T2", region=REGION, **asked)
        self.assertEqual((own.threshold_count, own.period), (0, ""))


class Unmet(unittest.TestCase):
    def test_figures__unmet_needs_cannot_be_worked_out(self):
        cells, trees, held_back = {}, {}, 0
        answer = ask(analyst, "ListUnmetDemand", period="2022", page_size=500)
        nation = answer
        for row in answer.rows:
            cells[row.unit_code] = row
            trees.setdefault(row.department, []).append(row.unit_code)
        totals = {"": nation}
        for department in list(trees):
            totals[department] = ask(analyst, "ListUnmetDemand", period="2022",
                                     department=department)
        trees[""] = list(trees)
        facts = {**cells, **totals}
        for key, row in facts.items():
            held_back += row.suppressed
            self.assertTrue(row.suppressed or row.unmet_count >= SMALL, key)
            self.assertTrue(not row.suppressed or row.unmet_count == 0, key)
        self.assertEqual(solve([{key: 1 if key == total else -1 for key in (total, *parts)
                                 if facts[key].suppressed} for total, parts in trees.items()]),
                         set())
        self.assertGreater(held_back, 0)
        self.assertTrue(any(not row.suppressed for row in answer.rows))

    def test_figures__pages_of_unmet_needs_join(self):
        whole = ask(analyst, "ListUnmetDemand", period="2022", page_size=500)
        found, token = [], ""
        while True:
            page = ask(analyst, "ListUnmetDemand", period="2022", page_size=7, page_token=token)
            found += page.rows
            token = page.next_page_token
            if not token:
                break
        self.assertEqual((found, whole.unit_count), (list(whole.rows), 40))

    def test_figures__year_without_a_release_is_refused(self):
        for period in "2019", "2022-T1", "x":
            found = refusal(ask, analyst, "ListUnmetDemand", period=period)
            self.assertEqual((found.reason, found.field), ("FIELD_INVALID", "period"))


class Printed(unittest.TestCase):
    """What is held back is marked, never a 0."""

    def run_tool(self, *words):
        done = cptsctl(write_profile(node, certificate="analyst.pem", key="analyst.key"), *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_figures__marks_in_every_form(self):
        asked = ("referral", "statistics", "--by", "origin", "--period", "2023-T2")
        hidden = next(row for row in figures(analyst, period="2023-T2",
                                             group_by="REFERRAL_GROUPING_ORIGIN").rows
                      if row.suppressed)
        answer = json.loads(self.run_tool(*asked, "--json"))
        row = next(row for row in answer["rows"] if row["key"] == hidden.key)
        self.assertIn("REFERRAL_FIGURE_SUBMITTED", row["heldBack"])
        lines = csv.DictReader(io.StringIO(self.run_tool(*asked, "--csv")))
        line = next(line for line in lines if line["key"] == hidden.key)
        self.assertEqual((line["submitted_count"], line["open_count"], line["suppressed"]),
                         ("<", "<", "true"))
        unmet = csv.DictReader(io.StringIO(
            self.run_tool("referral", "unmet", "--period", "2022", "--csv")))
        self.assertIn(("<", "true"), {(line["unmet_count"], line["suppressed"])
                                      for line in unmet})


if __name__ == "__main__":
    rows.nodes.psql.main()
