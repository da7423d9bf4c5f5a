# SPDX-License-Identifier: Apache-2.0
"""Every named constraint broken once: its SQLSTATE and its name. A constraint
without a row in BROKEN fails the test."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

CHECK, FOREIGN_KEY, UNIQUE = "23514", "23503", "23505"
ID = "'01890a5d-ac96-774b-bcce-b302099a8057'"
FACT = {"cpts_id": ID, "version": "1", "lead_region": "'11'", "valid_from": "'2020-01-01'",
        "recorded_from": "'2020-01-01Z'"}
# A row of each table that is accepted.
VALID = {
    "reference_version": {"version": "9", "vintage": "2026", "source": "'x'",
                          "content_hash": "'x'"},
    "region": {"code": "'x1'", "name": "'x'", "zone": "'metro'", "population_count": "0"},
    "department": {"code": "'x1'", "name": "'x'", "region": "'11'", "zone": "'metro'",
                   "population_count": "0"},
    "epci": {"siren": "'x'", "name": "'x'", "kind": "'CC'", "population_count": "0"},
    "territory_unit": {"code": "'x0001'", "kind": "'COMMUNE'", "name": "'x'", "is_leaf": "true",
                       "department": "'75'", "region": "'11'", "population_count": "0",
                       "position_source": "'none'"},
    "unit_old_code": {"old_code": "'x0001'", "unit_code": "'01001'"},
    "unit_old_name": {"old_code": "'x0001'", "name": "'x'", "unit_code": "'01001'"},
    "target": {"region": "'11'", "valid_from": "'2020-01-01'", "cpts_count": "1", "source": "'x'"},
    "published_count": {"scope": "'FR'", "measure": "'x'", "counted_on": "'2020-01-01'",
                        "publisher": "'x'", "cpts_count": "1", "date_precision": "'day'",
                        "confidence": "'published'", "source": "'x'"},
    "node": {"name": "'region/11'", "address": "''"},
    "region_owner": {"region": "'11'", "node": "'national'", "epoch": "1"},
    "principal_role": {"principal": "'spiffe://a/b'", "role": "'DGOS_ANALYST'", "scope": "'read'",
                       "valid_from": "'2020-01-01'"},
    "certificate_revocation": {"serial": "'1A2B'", "reason": "'x'"},
    "change_log": {"local_position": "1", "origin_node": "'national'", "origin_position": "1",
                   "epoch": "1", "aggregate_kind": "'CPTS'", "aggregate_id": ID, "version": "1",
                   "kind": "'x'", "recorded_at": "now()", "actor": "'x'", "command_id": ID,
                   "schema_version": "1", "lead_region": "'11'", "bytes": "''",
                   "prev_hash": "sha256('')", "hash": "sha256('')"},
    "command": {"principal": "'x'", "command_id": ID, "content_hash": "''", "aggregate_id": ID,
                "version": "1", "log_position": "1"},
    "stage": {"code": "'X'", "rank": "99", "is_live": "false", "label": "'x'"},
    "cpts": {"cpts_id": ID, "owner_node": "'national'", "epoch": "1", "version": "1",
             "name": "'x'", "lead_region": "'11'", "stage": "'EMERGENCE'",
             "stage_on": "'2020-01-01'", "synthetic": "true", "created_at": "now()",
             "updated_at": "now()"},
    "cpts_stage": {**FACT, "stage": "'EMERGENCE'"},
    "cpts_territory": {**FACT, "unit_code": "'01001'", "share": "1"},
    "cpts_population": {**FACT, "department": "'01'", "region": "'84'", "population_count": "1"},
    "unit_overlap": {"unit_code": "'01001'"},
    "clock_rule": {"kind": "'X'", "mission": "''", "valid_from": "'2020-01-01'", "months": "2",
                   "source": "'x'", "confidence": "'law'"},
    "size_class": {"code": "'X'", "population_from": "1", "label": "'x'", "source": "'x'"},
    "cpts_identity": {**FACT, "legal_form": "'ASSOCIATION_1901'", "rna": "'W751234567'",
                      "siret": "'73282932000074'", "nature": "'MIXTE'", "origin": "''",
                      "ambition": "''"},
    "cpts_document": {**FACT, "document_id": ID, "kind": "'STATUTS'", "title": "'x'",
                      "sha256": "sha256('')", "reference": "''"},
    "cpts_milestone": {**FACT, "kind": "'REUNION'", "mission": "''", "note": "''",
                       "document_ids": "'{}'"},
    "cpts_filing": {**FACT, "filing_id": ID, "target": "'PROJET_VALIDE'", "state": "'DRAFT'",
                    "document_ids": "'{}'"},
    "indicator": {"code": "'X'", "valid_from": "'2020-01-01'", "mission": "'prevention'",
                  "label": "'x'", "kind": "'result'", "direction": "'UP'", "unit": "'percent'",
                  "counts_people": "false", "provider": "'CPAM'", "example": "''",
                  "source": "'x'", "confidence": "'x'"},
    "cpts_indicator_target": {**FACT, "indicator": "'X'", "thresholds": "'{1,2}'",
                              "amounts_cents": "'{100,200}'", "published": "false"},
    "cpts_indicator_value": {**FACT, "valid_to": "'2020-07-01'", "indicator": "'X'",
                             "period": "'2020-S1'", "value": "1", "state": "'SUBMITTED'"},
    "capacity_objective": {"valid_from": "'2020-01-01'", "snp_percent": "20", "source": "'x'",
                           "confidence": "'x'"},
    "cpts_capacity": {**FACT, "valid_from": "'2024-01-01'", "valid_to": "'2024-01-08'",
                      "kind": "'SEEKERS'", "area": "'78646'", "counted": "1"},
    "cpts_clock": {**FACT, "clock_id": ID, "kind": "'ACI_END'", "mission": "''",
                   "due_on": "'2025-01-01'"},
}
# constraint: (SQLSTATE, table, what makes the valid row break it). Changes that
# are None: the valid row a second time.
BROKEN = {
    "published_count_key": (UNIQUE, "published_count", None),
    "published_count_range": (CHECK, "published_count", {"cpts_count": "-1"}),
    "published_count_scope_shape": (CHECK, "published_count", {"scope": "'11'"}),
    "published_count_precision_known": (CHECK, "published_count", {"date_precision": "'week'"}),
    "published_count_percent_range": (CHECK, "published_count", {"covered_percent": "100.1"}),
    "reference_version_key": (UNIQUE, "reference_version", None),
    "reference_version_vintage_range": (CHECK, "reference_version", {"vintage": "1999"}),
    "region_key": (UNIQUE, "region", None),
    "region_zone_known": (CHECK, "region", {"zone": "'x'"}),
    "department_key": (UNIQUE, "department", None),
    "department_region_fk": (FOREIGN_KEY, "department", {"region": "'xx'"}),
    "epci_key": (UNIQUE, "epci", None),
    "territory_unit_key": (UNIQUE, "territory_unit", None),
    "territory_unit_kind_known": (CHECK, "territory_unit", {"kind": "'x'"}),
    "territory_unit_population_range": (CHECK, "territory_unit", {"population_count": "-1"}),
    "territory_unit_position_known": (CHECK, "territory_unit", {"position_source": "'x'"}),
    "territory_unit_department_fk": (FOREIGN_KEY, "territory_unit", {"department": "'xx'"}),
    "territory_unit_region_fk": (FOREIGN_KEY, "territory_unit", {"region": "'xx'"}),
    "unit_old_code_key": (UNIQUE, "unit_old_code", None),
    "unit_old_code_unit_code_fk": (FOREIGN_KEY, "unit_old_code", {"unit_code": "'xx'"}),
    "unit_old_name_key": (UNIQUE, "unit_old_name", None),
    "unit_old_name_unit_code_fk": (FOREIGN_KEY, "unit_old_name", {"unit_code": "'xx'"}),
    "target_key": (UNIQUE, "target", None),
    "target_count_range": (CHECK, "target", {"cpts_count": "0"}),
    "node_key": (UNIQUE, "node", None),
    "node_name_shape": (CHECK, "node", {"name": "'region/'"}),
    "region_owner_key": (UNIQUE, "region_owner", None),
    "region_owner_epoch_range": (CHECK, "region_owner", {"epoch": "0"}),
    "region_owner_node_fk": (FOREIGN_KEY, "region_owner", {"node": "'region/99'"}),
    "principal_role_key": (UNIQUE, "principal_role", None),
    "principal_role_dates": (CHECK, "principal_role", {"valid_to": "'2020-01-01'"}),
    "principal_role_role_known": (CHECK, "principal_role", {"role": "'ADMIN'"}),
    "principal_role_principal_shape": (CHECK, "principal_role", {"principal": "'user/x'"}),
    "principal_role_scope_shape": (CHECK, "principal_role", {"scope": "'region:'"}),
    "certificate_revocation_key": (UNIQUE, "certificate_revocation", None),
    "certificate_revocation_serial_shape": (CHECK, "certificate_revocation",
                                            {"serial": "'1a2b'"}),
    "change_log_key": (UNIQUE, "change_log", None),
    "change_log_origin": (UNIQUE, "change_log", {"local_position": "2"}),
    "change_log_hash_length": (CHECK, "change_log", {"prev_hash": "''"}),
    "command_key": (UNIQUE, "command", None),
    "stage_key": (UNIQUE, "stage", None),
    "stage_rank": (UNIQUE, "stage", {"code": "'Y'"}),
    "cpts_key": (UNIQUE, "cpts", None),
    "cpts_epoch_range": (CHECK, "cpts", {"epoch": "0"}),
    "cpts_version_range": (CHECK, "cpts", {"version": "0"}),
    "cpts_name_length": (CHECK, "cpts", {"name": "''"}),
    "cpts_finess_shape": (CHECK, "cpts", {"finess": "'12345678'"}),
    "cpts_website_length": (CHECK, "cpts", {"website": "repeat('x', 201)"}),
    "cpts_stage_key": (UNIQUE, "cpts_stage", None),
    "cpts_stage_stage_known": (CHECK, "cpts_stage", {"stage": "'X'"}),
    "cpts_stage_valid": (CHECK, "cpts_stage", {"valid_to": "'2020-01-01'"}),
    "cpts_stage_recorded": (CHECK, "cpts_stage", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_stage_successor": (CHECK, "cpts_stage", {"successor_id": ID}),
    "cpts_territory_key": (UNIQUE, "cpts_territory", None),
    "cpts_territory_share_range": (CHECK, "cpts_territory", {"share": "0"}),
    "cpts_territory_valid": (CHECK, "cpts_territory", {"valid_to": "'2020-01-01'"}),
    "cpts_territory_recorded": (CHECK, "cpts_territory", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_population_key": (UNIQUE, "cpts_population", None),
    "cpts_population_valid": (CHECK, "cpts_population", {"valid_to": "'2020-01-01'"}),
    "cpts_population_recorded": (CHECK, "cpts_population", {"recorded_to": "'2019-12-31Z'"}),
    "unit_overlap_key": (UNIQUE, "unit_overlap", None),
    "principal_role_public_scope": (CHECK, "principal_role", {"role": "'PUBLIC'"}),
    "clock_rule_key": (UNIQUE, "clock_rule", None),
    "clock_rule_valid": (CHECK, "clock_rule", {"valid_to": "'2020-01-01'"}),
    "clock_rule_months_range": (CHECK, "clock_rule", {"months": "0"}),
    "clock_rule_confidence_known": (CHECK, "clock_rule", {"confidence": "'sure'"}),
    "size_class_key": (UNIQUE, "size_class", {"population_from": "2"}),
    "size_class_population_from": (UNIQUE, "size_class", {"code": "'Y'"}),
    "cpts_stage_basis_known": (CHECK, "cpts_stage", {"basis": "'GUESS'"}),
    "cpts_dossier_code_shape": (CHECK, "cpts_document", {"kind": "'statuts'"}),
    "cpts_identity_key": (UNIQUE, "cpts_identity", None),
    "cpts_identity_valid": (CHECK, "cpts_identity", {"valid_to": "'2020-01-01'"}),
    "cpts_identity_recorded": (CHECK, "cpts_identity", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_identity_rna_shape": (CHECK, "cpts_identity", {"rna": "'751234567'"}),
    "cpts_identity_siret_shape": (CHECK, "cpts_identity", {"siret": "'7328293200007'"}),
    "cpts_identity_codes_shape": (CHECK, "cpts_identity", {"origin": "'a'"}),
    "cpts_document_key": (UNIQUE, "cpts_document", None),
    "cpts_document_title_length": (CHECK, "cpts_document", {"title": "''"}),
    "cpts_document_reference_length": (CHECK, "cpts_document", {"reference": "repeat('x', 501)"}),
    "cpts_document_valid": (CHECK, "cpts_document", {"valid_to": "'2020-01-01'"}),
    "cpts_document_recorded": (CHECK, "cpts_document", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_milestone_key": (UNIQUE, "cpts_milestone", None),
    "cpts_milestone_mission_shape": (CHECK, "cpts_milestone", {"mission": "'SNP'"}),
    "cpts_milestone_note_length": (CHECK, "cpts_milestone", {"note": "repeat('x', 501)"}),
    "cpts_milestone_valid": (CHECK, "cpts_milestone", {"valid_to": "'2020-01-01'"}),
    "cpts_milestone_recorded": (CHECK, "cpts_milestone", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_filing_key": (UNIQUE, "cpts_filing", None),
    "cpts_filing_state_known": (CHECK, "cpts_filing", {"state": "'LOST'"}),
    "cpts_filing_decision_known": (CHECK, "cpts_filing", {"decision": "'ACCEPTED'"}),
    "cpts_filing_valid": (CHECK, "cpts_filing", {"valid_to": "'2020-01-01'"}),
    "cpts_filing_recorded": (CHECK, "cpts_filing", {"recorded_to": "'2019-12-31Z'"}),
    "indicator_key": (UNIQUE, "indicator", None),
    "indicator_valid": (CHECK, "indicator", {"valid_to": "'2020-01-01'"}),
    "indicator_kind_known": (CHECK, "indicator", {"kind": "'x'"}),
    "indicator_direction_known": (CHECK, "indicator", {"direction": "'SIDEWAYS'"}),
    "cpts_indicator_target_key": (UNIQUE, "cpts_indicator_target", None),
    "cpts_indicator_target_valid": (CHECK, "cpts_indicator_target", {"valid_to": "'2020-01-01'"}),
    "cpts_indicator_target_recorded": (CHECK, "cpts_indicator_target",
                                       {"recorded_to": "'2019-12-31Z'"}),
    "cpts_indicator_target_thresholds": (CHECK, "cpts_indicator_target",
                                         {"amounts_cents": "'{100}'"}),
    "cpts_indicator_value_key": (UNIQUE, "cpts_indicator_value", None),
    "cpts_indicator_value_valid": (CHECK, "cpts_indicator_value", {"valid_to": "'2020-01-01'"}),
    "cpts_indicator_value_recorded": (CHECK, "cpts_indicator_value",
                                      {"recorded_to": "'2019-12-31Z'"}),
    "cpts_indicator_value_state_known": (CHECK, "cpts_indicator_value", {"state": "'PAID'"}),
    "cpts_indicator_value_period_shape": (CHECK, "cpts_indicator_value", {"period": "'2020-S3'"}),
    "cpts_indicator_value_reason_length": (CHECK, "cpts_indicator_value",
                                           {"correction_reason": "repeat('x', 501)"}),
    "capacity_objective_key": (UNIQUE, "capacity_objective", None),
    "capacity_objective_valid": (CHECK, "capacity_objective", {"valid_to": "'2020-01-01'"}),
    "capacity_objective_percent_range": (CHECK, "capacity_objective", {"snp_percent": "0"}),
    "cpts_capacity_key": (UNIQUE, "cpts_capacity", None),
    "cpts_capacity_week": (CHECK, "cpts_capacity", {"valid_to": "'2024-01-07'"}),
    "cpts_capacity_recorded": (CHECK, "cpts_capacity", {"recorded_to": "'2019-12-31Z'"}),
    "cpts_capacity_kind_known": (CHECK, "cpts_capacity", {"kind": "'BEDS'", "area": "''"}),
    "cpts_capacity_area_shape": (CHECK, "cpts_capacity", {"area": "''"}),
    "cpts_capacity_counted_range": (CHECK, "cpts_capacity", {"counted": "-1"}),
    "cpts_clock_key": (UNIQUE, "cpts_clock", None),
    "cpts_clock_mission_shape": (CHECK, "cpts_clock", {"mission": "'SNP'"}),
    "cpts_clock_valid": (CHECK, "cpts_clock", {"valid_to": "'2019-12-31'"}),
    "cpts_clock_recorded": (CHECK, "cpts_clock", {"recorded_to": "'2019-12-31Z'"}),
}
# Further values that the same checks must refuse.
ALSO_BROKEN = (
    ("cpts_territory_share_range", "cpts_territory", {"share": "1.0000001"}),
    ("cpts_territory_share_range", "cpts_territory", {"share": "-0.5"}),
    ("cpts_territory_share_range", "cpts_territory", {"share": "'NaN'"}),
    ("cpts_name_length", "cpts", {"name": "repeat('é', 201)"}),
    ("reference_version_vintage_range", "reference_version", {"vintage": "2201"}),
    ("change_log_hash_length", "change_log", {"hash": "'x'"}),
    ("principal_role_scope_shape", "principal_role", {"scope": "''"}),
    ("principal_role_public_scope", "principal_role", {"scope": "'public'"}),
    ("clock_rule_months_range", "clock_rule", {"months": "121"}),
    ("cpts_document_title_length", "cpts_document", {"title": "repeat('é', 201)"}),
    ("cpts_identity_rna_shape", "cpts_identity", {"rna": "'W75123456'"}),
    ("cpts_identity_codes_shape", "cpts_identity", {"legal_form": "'A,B'"}),
    ("cpts_filing_decision_known", "cpts_filing", {"state": "'DECIDED'"}),
    ("cpts_filing_decision_known", "cpts_filing", {"state": "'DECIDED'", "decision": "'MAYBE'"}),
    ("cpts_clock_valid", "cpts_clock", {"due_on": "'2019-12-31'"}),
    ("cpts_indicator_target_thresholds", "cpts_indicator_target",
     {"thresholds": "'{}'", "amounts_cents": "'{}'"}),
    ("cpts_indicator_target_thresholds", "cpts_indicator_target",
     {"thresholds": "'{1,2,3,4}'", "amounts_cents": "'{1,2,3,4}'"}),
    ("cpts_indicator_value_period_shape", "cpts_indicator_value", {"period": "'2020-13'"}),
    ("capacity_objective_percent_range", "capacity_objective", {"snp_percent": "100.5"}),
    ("cpts_capacity_week", "cpts_capacity",
     {"valid_from": "'2024-01-02'", "valid_to": "'2024-01-09'"}),
    ("cpts_capacity_area_shape", "cpts_capacity", {"kind": "'PLACES'"}),
    ("cpts_capacity_counted_range", "cpts_capacity", {"counted": "10000001"}),
    ("cpts_dossier_code_shape", "cpts_clock", {"kind": "'X'"}),
)


def insertion(table, changes=None):
    row = {**VALID[table], **(changes or {})}
    return (f"INSERT INTO cpts.{table} ({', '.join(row)}) VALUES ({', '.join(row.values())});")


class Constraints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def broken(self, constraint, sqlstate, script):
        refused = self.database.refusal(f"BEGIN; {script} ROLLBACK;")
        self.assertEqual((refused.sqlstate, refused.constraint), (sqlstate, constraint), refused)

    def test_constraints__every_table_takes_its_valid_row(self):
        for table in VALID:
            with self.subTest(table=table):
                self.database.query(f"BEGIN; {insertion(table)} ROLLBACK;")

    def test_constraints__each_refuses_under_its_name(self):
        for constraint, (sqlstate, table, changes) in BROKEN.items():
            with self.subTest(constraint=constraint):
                once = insertion(table) if sqlstate == UNIQUE else ""
                self.broken(constraint, sqlstate, once + insertion(table, changes))

    def test_constraints__checks_hold_at_both_ends(self):
        for constraint, table, changes in ALSO_BROKEN:
            with self.subTest(constraint=constraint, **changes):
                self.broken(constraint, CHECK, insertion(table, changes))

    def test_constraints__none_is_forgotten(self):
        named = {name for name, in self.database.query(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'cpts'::regnamespace;")}
        self.assertEqual(named, set(BROKEN))


if __name__ == "__main__":
    psql.main()
