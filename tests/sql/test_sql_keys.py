# SPDX-License-Identifier: Apache-2.0
"""What the catalogue says of the schema: keys, names, comments, rights."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

FACTS = ["cpts", "cpts_adhesion", "cpts_capacity", "cpts_clock", "cpts_correction", "cpts_crisis",
         "cpts_document", "cpts_filing", "cpts_former", "cpts_identity", "cpts_indicator_target",
         "cpts_indicator_value", "cpts_lead", "cpts_member", "cpts_member_count",
         "cpts_milestone", "cpts_mission", "cpts_mission_plan", "cpts_population",
         "cpts_representative", "cpts_stage", "cpts_territory", "referral_opt_in"]
# Not believed and not true on a date: what is now, and why something changed.
NOT_DATED = {"cpts", "cpts_correction", "referral_opt_in"}
# Directories in the order of their own positions; no facts.
DIRECTORIES = {"key_statement"}


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def none(self, query, message):
        self.assertEqual(self.database.query(query), [], message)

    def test_keys__facts_are_the_tables_with_a_cpts_id(self):
        found = self.database.query(
            "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE relnamespace = 'cpts'::regnamespace AND relkind = 'r' AND attname = 'cpts_id'"
            " ORDER BY 1;")
        self.assertEqual([name for name, in found if name not in DIRECTORIES], FACTS)

    def test_keys__of_facts_begin_with_cpts_id(self):
        rows = self.database.query(
            "SELECT c.relname, i.indexrelid::regclass, a.attname FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
            " WHERE c.relnamespace = 'cpts'::regnamespace AND i.indisunique"
            f" AND c.relname = ANY ('{{{','.join(FACTS)}}}');")
        self.assertEqual(sorted(table for table, _, _ in rows), FACTS)
        self.assertEqual({first for _, _, first in rows}, {"cpts_id"}, rows)

    def test_keys__every_table_has_a_primary_key(self):
        self.none("SELECT relname FROM pg_class c WHERE relnamespace = 'cpts'::regnamespace"
                  " AND relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint"
                  " WHERE conrelid = c.oid AND contype = 'p');", "without a primary key")

    def test_keys__constraints_and_indexes_begin_with_their_table(self):
        self.none("SELECT conrelid::regclass, conname FROM pg_constraint c"
                  " JOIN pg_class t ON t.oid = c.conrelid"
                  " WHERE connamespace = 'cpts'::regnamespace"
                  r" AND conname !~ ('^' || t.relname || '_[a-z_]+$');", "misnamed constraint")
        self.none("SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
                  " JOIN pg_class t ON t.oid = x.indrelid"
                  " WHERE t.relnamespace = 'cpts'::regnamespace AND NOT EXISTS (SELECT FROM"
                  " pg_constraint WHERE conindid = i.oid) AND i.relname <> t.relname || '_' ||"
                  " (SELECT string_agg(attname, '_' ORDER BY attnum) FROM pg_attribute"
                  "   WHERE attrelid = i.oid) || '_idx';", "misnamed index")

    def test_keys__facts_are_bitemporal(self):
        for table in sorted(set(FACTS) - NOT_DATED):
            with self.subTest(table=table):
                found = self.database.query(
                    "SELECT attname, atttypid::regtype, attnotnull FROM pg_attribute"
                    f" WHERE attrelid = 'cpts.{table}'::regclass AND"
                    " attname IN ('valid_from', 'valid_to', 'recorded_from', 'recorded_to')"
                    " ORDER BY attname;")
                instant = "timestamp with time zone"
                self.assertEqual(found, [["recorded_from", instant, "t"],
                                         ["recorded_to", instant, "t"],
                                         ["valid_from", "date", "t"], ["valid_to", "date", "t"]])

    def test_keys__no_fact_refers_to_another_aggregate(self):
        found = self.database.query(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND"
            f" conrelid::regclass::text = ANY ('{{{','.join('cpts.' + t for t in FACTS)}}}')"
            " AND confrelid <> 'cpts.stage'::regclass;")
        self.assertEqual(found, [], "such a foreign key could make an apply fail")

    def test_keys__no_trigger_and_no_rule(self):
        self.none("SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                  " WHERE relnamespace = 'cpts'::regnamespace AND NOT tgisinternal;", "trigger")
        self.none("SELECT rulename FROM pg_rules WHERE schemaname = 'cpts';", "rule")

    def test_keys__constraints_are_checked_at_once(self):
        self.none("SELECT conname FROM pg_constraint WHERE connamespace = 'cpts'::regnamespace"
                  " AND (condeferrable OR NOT convalidated);", "a batch could fail at its Sync")

    def test_keys__everything_is_commented(self):
        self.none("SELECT relname FROM pg_class WHERE relnamespace = 'cpts'::regnamespace"
                  " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
                  " AND coalesce(obj_description(oid, 'pg_class'), '') = '';", "table")
        self.none("SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c"
                  " ON c.oid = attrelid WHERE relnamespace = 'cpts'::regnamespace"
                  " AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
                  " AND coalesce(col_description(attrelid, attnum), '') = '';", "column")
        self.none("SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'cpts'::regnamespace"
                  " AND coalesce(obj_description(oid, 'pg_proc'), '') = '';", "function")
        self.none("SELECT 1 WHERE obj_description('cpts'::regnamespace, 'pg_namespace') IS NULL;",
                  "schema")

    def test_keys__types_are_the_house_types(self):
        self.none("SELECT attrelid::regclass, attname, atttypid::regtype FROM pg_attribute"
                  " JOIN pg_type ON pg_type.oid = atttypid WHERE"
                  " attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r' AND"
                  " relnamespace = 'cpts'::regnamespace) AND attnum > 0 AND NOT attisdropped AND"
                  " CASE typtype WHEN 'd' THEN typbasetype ELSE atttypid END"
                  " NOT IN ('text'::regtype, 'int'::regtype, 'bigint'::regtype,"
                  " 'boolean'::regtype, 'date'::regtype, 'timestamptz'::regtype, 'uuid'::regtype,"
                  " 'bytea'::regtype, 'double precision'::regtype, 'uuid[]'::regtype,"
                  " 'text[]'::regtype, 'date[]'::regtype, 'int[]'::regtype,"
                  " 'numeric'::regtype, 'numeric[]'::regtype, 'bigint[]'::regtype,"
                  " 'xid8'::regtype);",
                  "column of another type")

    def test_keys__owner_owns_everything(self):
        self.none("SELECT relname FROM pg_class WHERE relnamespace = 'cpts'::regnamespace"
                  " AND relowner <> 'cpts_owner'::regrole"
                  " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace ="
                  " 'cpts'::regnamespace AND proowner <> 'cpts_owner'::regrole;", "another owner")

    def test_keys__only_what_must_see_everything_runs_as_its_owner(self):
        """Readers of the log, the rule on shares (which holds between regions),
        the mergers (which write reference data), what strangers who enrol cause, the
        commands of referrals (a policy would be asked for each of their rows), the trail
        (which the server may only add to), sealed parts (given to their parties only),
        figures of referrals (which are counts), and what nodes tell one another (policies
        know people, not nodes)."""
        found = self.database.query(
            "SELECT proname, proconfig[1] FROM pg_proc"
            " WHERE pronamespace = 'cpts'::regnamespace AND prosecdef ORDER BY proname;")
        self.assertEqual(found, [[name, "search_path=pg_catalog"] for name in (
            "attachment_is_elsewhere", "attachment_log", "audit_chain_append", "audit_heads",
            "audit_links", "audit_list",
            "audit_sees", "card_known", "certificate_again", "certificate_renew", "changes_of",
            "ending_follow", "enrolment_find", "enrolment_use", "has_taken_step",
            "identities_exchange",
            "identities_store", "identity_is_held", "is_pathway_of_mine",
            "lead_region_set", "leftover_purge", "log_begin", "log_head", "log_instant",
            "merge_refusal", "node_certificate_end", "node_decide", "node_know_self", "node_pin",
            "ownership_find",
            "ownership_leave", "ownership_pending", "ownership_step", "pathway_forget",
            "pathway_refusal", "pathway_start", "pathway_steps", "pathways_follow", "referral_act",
            "referral_act_whole", "referral_clock_fire", "referral_clock_next", "referral_consent",
            "referral_deliver", "referral_figures", "referral_release_record", "referral_rewrap",
            "referral_submit", "referrals_follow",
            "revocations_reported", "scope_conflict", "sealed_parts",
            "sealed_parts_erase", "share_excess_beside", "stage_share_excess", "steps_asked_of_me",
            "sync_acknowledged", "sync_activate", "sync_alarm", "sync_alarm_clear", "sync_apply",
            "sync_chain", "sync_chain_hash", "sync_checkpoint_head", "sync_checkpoint_keep",
            "sync_digest", "sync_epoch", "sync_fetch", "sync_give_back", "sync_here",
            "sync_lost", "sync_parked_reject", "sync_parked_retry", "sync_read",
            "sync_restore_begin", "sync_restore_end", "sync_scope_add", "sync_snapshot",
            "sync_stage",
            "sync_staged_count", "sync_urgent", "sync_waiting", "territory_share_excess",
            "unit_merge", "unmet_demand")])

    def test_keys__what_writes_as_its_owner_is_not_for_everybody(self):
        self.none("SELECT proname FROM pg_proc WHERE pronamespace = 'cpts'::regnamespace"
                  " AND prosecdef AND (provolatile = 'v' OR proname = 'enrolment_find')"
                  " AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl)"
                  " WHERE grantee = 0));", "may be called by PUBLIC")

    def test_keys__of_a_referral_the_server_itself_writes_only_its_erasure(self):
        found = self.database.query(
            "SELECT table_name, privilege_type, string_agg(column_name, ' ' ORDER BY column_name)"
            " FROM information_schema.column_privileges WHERE grantee = 'cpts_app'"
            " AND privilege_type IN ('INSERT', 'UPDATE') AND table_name IN ('referral',"
            " 'assignment', 'referral_candidate', 'referral_clock', 'referral_content',"
            " 'referral_note', 'audit_read') GROUP BY 1, 2 ORDER BY 1;")
        columns = {(table, right): set(names.split()) for table, right, names in found}
        self.assertEqual(columns.pop(("referral", "UPDATE")) - {"later_consent", "wrap"},
                         {"version", "updated_at", "erased", "consent", "speciality", "pathway_id",
                          "pathway_step"})
        self.assertEqual(columns, {
            ("assignment", "UPDATE"): {"wrap"},
            ("audit_read", "INSERT"): {"rpps", "profession", "function", "purpose", "method",
                                       "referral_id", "parts", "item_count"}})

    def test_keys__public_has_no_right_on_tables(self):
        self.none("SELECT relname FROM pg_class, aclexplode(relacl) WHERE grantee = 0"
                  " AND relnamespace = 'cpts'::regnamespace;", "granted to PUBLIC")


if __name__ == "__main__":
    psql.main()
