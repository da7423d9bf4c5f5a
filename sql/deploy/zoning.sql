-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:zoning
-- Medical zoning of communes as the ARS sets it: ZIP+, ZIP, ZAC, hors zonage.
-- Locks: a new table only.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';
SET LOCAL ROLE cpts_owner;

CREATE FUNCTION cpts.zoning_id(region text) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN substring(encode(sha256('ZONING'::bytea || '\x00'::bytea || region::bytea), 'hex')
                   FOR 32)::uuid;
COMMENT ON FUNCTION cpts.zoning_id(text)
  IS 'Id of a region''s zoning as an aggregate of the log: the same on every node (handler/request.c computes it too).';

CREATE TABLE cpts.unit_zoning (
  region        text        COLLATE "C" NOT NULL,
  version       int         NOT NULL,
  unit_code     text        COLLATE "C" NOT NULL,
  zone          text        NOT NULL,
  source        text        NOT NULL,
  valid_from    date        NOT NULL,
  valid_to      date        NOT NULL DEFAULT 'infinity',
  recorded_from timestamptz NOT NULL,
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  CONSTRAINT unit_zoning_key PRIMARY KEY (region, version, unit_code, valid_from),
  CONSTRAINT unit_zoning_zone_known CHECK (zone IN ('ZIP_PLUS', 'ZIP', 'ZAC', 'HORS_ZONAGE')),
  CONSTRAINT unit_zoning_source_length CHECK (char_length(source) BETWEEN 1 AND 200),
  CONSTRAINT unit_zoning_valid CHECK (valid_from < valid_to),
  CONSTRAINT unit_zoning_recorded CHECK (recorded_from <= recorded_to)
);
CREATE INDEX unit_zoning_unit_code_idx ON cpts.unit_zoning (unit_code);
COMMENT ON TABLE cpts.unit_zoning
  IS 'Medical zoning by commune or arrondissement, dated, as each ARS sets it for its region (arrêté de zonage). A unit without a row has no known zone, which is not HORS_ZONAGE.';
COMMENT ON COLUMN cpts.unit_zoning.region IS 'INSEE code of the region whose ARS set it.';
COMMENT ON COLUMN cpts.unit_zoning.version IS 'Version of the region''s zoning that recorded the row, from 1.';
COMMENT ON COLUMN cpts.unit_zoning.unit_code IS 'Code of a leaf of territory_unit.';
COMMENT ON COLUMN cpts.unit_zoning.zone
  IS 'ZIP_PLUS, ZIP (zone d''intervention prioritaire), ZAC (d''action complémentaire), HORS_ZONAGE.';
COMMENT ON COLUMN cpts.unit_zoning.source IS 'The text that sets it, as the ARS names it.';
COMMENT ON COLUMN cpts.unit_zoning.valid_from IS 'First date on which it holds.';
COMMENT ON COLUMN cpts.unit_zoning.valid_to IS 'First date on which it no longer does; else infinity.';
COMMENT ON COLUMN cpts.unit_zoning.recorded_from IS 'Since when this node believed it.';
COMMENT ON COLUMN cpts.unit_zoning.recorded_to IS 'Until when; infinity while it does.';

ALTER TABLE cpts.unit_zoning ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.unit_zoning FORCE ROW LEVEL SECURITY;
-- A zoning is a published act: whoever has a scope reads it.
CREATE POLICY unit_zoning_read ON cpts.unit_zoning FOR SELECT
  USING ((SELECT current_setting('app.scope', true) <> ''));
CREATE POLICY unit_zoning_insert ON cpts.unit_zoning FOR INSERT
  WITH CHECK (cpts.may_write(region, cpts.zoning_id(region)));
CREATE POLICY unit_zoning_update ON cpts.unit_zoning FOR UPDATE
  USING (cpts.may_write(region, cpts.zoning_id(region)));

-- A table of one row at most, so that it becomes part of the statement that asks.
CREATE FUNCTION cpts.zone_on(code text, on_date date, known timestamptz) RETURNS TABLE (zone text)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT z.zone FROM cpts.unit_zoning z
   WHERE z.unit_code = zone_on.code
     AND z.valid_from <= zone_on.on_date AND z.valid_to > zone_on.on_date
     AND z.recorded_from <= zone_on.known AND z.recorded_to > zone_on.known
   ORDER BY z.valid_from DESC, z.version DESC LIMIT 1;
END;
COMMENT ON FUNCTION cpts.zone_on(text, date, timestamptz)
  IS 'Zone of a unit on a date, as believed at an instant; that of its commune for an IRIS, if the caller gives the commune; no row when none is known.';

GRANT SELECT, INSERT ON cpts.unit_zoning TO cpts_app;
GRANT UPDATE (recorded_to) ON cpts.unit_zoning TO cpts_app;

COMMIT;
