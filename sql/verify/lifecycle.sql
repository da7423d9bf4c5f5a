-- SPDX-License-Identifier: Apache-2.0
-- Verify cpts:lifecycle
BEGIN;
SELECT kind, mission, valid_from, valid_to, months, source, confidence
  FROM cpts.clock_rule WHERE false;
SELECT published, publication_set FROM cpts.cpts WHERE false;
SELECT basis, document_ids, evidence FROM cpts.cpts_stage WHERE false;
SELECT cpts_id, version, legal_form, statuts_on, rna, siret, nature, origin, ambition, lead_region,
       valid_from, valid_to, recorded_from, recorded_to
  FROM cpts.cpts_identity WHERE false;
SELECT cpts_id, version, document_id, kind, title, sha256, reference, lead_region, valid_from,
       valid_to, recorded_from, recorded_to
  FROM cpts.cpts_document WHERE false;
SELECT cpts_id, version, kind, note, document_ids, lead_region, valid_from, valid_to,
       recorded_from, recorded_to
  FROM cpts.cpts_milestone WHERE false;
SELECT cpts_id, version, filing_id, target, state, decision, document_ids, lead_region, valid_from,
       valid_to, recorded_from, recorded_to
  FROM cpts.cpts_filing WHERE false;
SELECT cpts_id, version, clock_id, kind, mission, due_on, raised_at, lead_region, valid_from,
       valid_to, recorded_from, recorded_to
  FROM cpts.cpts_clock WHERE false;
SELECT 1 / (count(*) = 5)::int FROM pg_class
  WHERE oid IN ('cpts.cpts_identity'::regclass, 'cpts.cpts_document'::regclass,
                'cpts.cpts_milestone'::regclass, 'cpts.cpts_filing'::regclass,
                'cpts.cpts_clock'::regclass)
    AND relrowsecurity AND relforcerowsecurity;
SELECT 1 / (NOT has_column_privilege('cpts_app', 'cpts.cpts_clock', 'due_on', 'UPDATE'))::int;
SELECT set_config('app.scope', 'public', true);
SELECT 1 / (NOT cpts.may_read())::int;
ROLLBACK;
