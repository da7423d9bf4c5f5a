-- SPDX-License-Identifier: Apache-2.0
-- Deploy cpts:federation
-- What nodes know of one another and exchange: which tables belong to which aggregate (data), how
-- far each peer's log is stored, what was staged, parked, kept apart or raised as an alarm.
-- Rules are checked once, by the owner's command: a replica stores facts without judging them.
-- Locks: new tables; node and change_log for new columns, the tables of facts for an index each
-- (it blocks writers: deploy while the node is down).
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '600s';
SET LOCAL ROLE cpts_owner;

ALTER TABLE cpts.node
  ADD COLUMN status         text NOT NULL DEFAULT 'SERVED',
  ADD COLUMN epoch          int  NOT NULL DEFAULT 1,
  ADD COLUMN checkpoint_key bytea,
  ADD COLUMN enrolled_at    timestamptz,
  ADD COLUMN suspended_at   timestamptz,
  ADD CONSTRAINT node_status_known CHECK (status IN ('SERVED', 'ENROLLED', 'SUSPENDED')),
  ADD CONSTRAINT node_epoch_range CHECK (epoch >= 1),
  ADD CONSTRAINT node_checkpoint_key_length CHECK (octet_length(checkpoint_key) = 32);
COMMENT ON COLUMN cpts.node.status
  IS 'SERVED: the national node serves that region; ENROLLED: the node owns its region''s records; SUSPENDED: it did, and is not listened to.';
COMMENT ON COLUMN cpts.node.epoch
  IS 'Epoch of the node itself, from 1: it grows when the node is restored or replaced. One that comes with an older epoch is fenced.';
COMMENT ON COLUMN cpts.node.checkpoint_key
  IS 'Ed25519 public key that it signs points of its log with, 32 bytes; NULL: not known.';
COMMENT ON COLUMN cpts.node.enrolled_at IS 'When it took over its region''s records; NULL: never.';
COMMENT ON COLUMN cpts.node.suspended_at IS 'When the national node took them back; NULL: it did not.';

ALTER TABLE cpts.change_log ADD COLUMN origin_recorded_at timestamptz;
COMMENT ON COLUMN cpts.change_log.origin_recorded_at
  IS 'When its origin recorded it, by its own clock; NULL for this node''s own changes.';

CREATE TABLE cpts.node_self (
  is_self       boolean     NOT NULL DEFAULT true,
  name          text        NOT NULL,
  epoch         int         NOT NULL DEFAULT 1,
  read_only     text        NOT NULL DEFAULT '',
  restored_from text        NOT NULL DEFAULT '',
  lost_after    bigint,
  stored_at     timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00Z',
  CONSTRAINT node_self_key PRIMARY KEY (is_self),
  CONSTRAINT node_self_one CHECK (is_self),
  CONSTRAINT node_self_epoch_range CHECK (epoch >= 1),
  CONSTRAINT node_self_lost_after_range CHECK (lost_after >= 0),
  CONSTRAINT node_self_read_only_known CHECK (read_only IN ('', 'FENCED'))
);
COMMENT ON TABLE cpts.node_self IS 'This node: one row, written when it first asks who it is.';
COMMENT ON COLUMN cpts.node_self.is_self IS 'True.';
COMMENT ON COLUMN cpts.node_self.name IS 'Its name, as in its configuration.';
COMMENT ON COLUMN cpts.node_self.epoch IS 'Its epoch, from 1; +1 with each restore.';
COMMENT ON COLUMN cpts.node_self.read_only
  IS 'Why it takes no commands: FENCED (it was found to be an old or forked one); empty: it takes them.';
COMMENT ON COLUMN cpts.node_self.restored_from IS 'Peer that gives back what it lost, while it is FENCED; or empty.';
COMMENT ON COLUMN cpts.node_self.lost_after
  IS 'Where its own chain ended when nodes below knew more of it, for it came back from an old backup; of several times the least. Who has more than that, of an older epoch, gives back what it saw. NULL: never.';
COMMENT ON COLUMN cpts.node_self.stored_at
  IS 'When images of a peer were stored last (cpts.log_now() of that transaction): later entries and answers come after it.';

CREATE TABLE cpts.sync_table (
  aggregate_kind text    NOT NULL,
  table_name     text    NOT NULL,
  rank           int     NOT NULL,
  key_column     text    NOT NULL,
  style          text    NOT NULL,
  added          text    NOT NULL DEFAULT '',
  from_column    text    NOT NULL DEFAULT '',
  to_column      text    NOT NULL DEFAULT '',
  is_public      boolean NOT NULL,
  in_digest      boolean NOT NULL DEFAULT true,
  CONSTRAINT sync_table_key PRIMARY KEY (aggregate_kind, table_name),
  CONSTRAINT sync_table_rank UNIQUE (rank),
  CONSTRAINT sync_table_style_known CHECK (style IN ('WHOLE', 'HISTORY', 'ADDED', 'FORMER'))
);
COMMENT ON TABLE cpts.sync_table
  IS 'Tables whose rows belong to an aggregate: what travels between nodes, and how. The kind of a row on the wire is the table''s name. A new table of facts is a new row here (the test of the catalogue fails until it is).';
COMMENT ON COLUMN cpts.sync_table.aggregate_kind IS 'CPTS, REFERRAL and others, as in change_log.';
COMMENT ON COLUMN cpts.sync_table.table_name IS 'Table of schema cpts; one kind of row.';
COMMENT ON COLUMN cpts.sync_table.rank IS 'Order in which its rows stand in an image, and are stored.';
COMMENT ON COLUMN cpts.sync_table.key_column IS 'Column with the aggregate''s id (of ZONING the region''s code).';
COMMENT ON COLUMN cpts.sync_table.style
  IS 'WHOLE: all rows always, what is missing goes. HISTORY: rows carry the version that recorded them and are closed; a delta has the new and the closed ones. ADDED: rows never change, a delta has those for which `added` is true. FORMER: as ADDED, and a row says what was believed until it came.';
COMMENT ON COLUMN cpts.sync_table.added
  IS 'SQL, true for the rows t of a delta since version a.since, whose first change was recorded at a.since_at; empty: t.version > a.since. With HISTORY, rows that changed in another way than being closed.';
COMMENT ON COLUMN cpts.sync_table.from_column IS 'Column since when this node believed a row; empty: none.';
COMMENT ON COLUMN cpts.sync_table.to_column IS 'Column until when; empty: none.';
COMMENT ON COLUMN cpts.sync_table.is_public IS 'Other regions see it: the directory.';
COMMENT ON COLUMN cpts.sync_table.in_digest
  IS 'False: each node computes it anew with its own reference data, so that it may differ in the last digit.';

INSERT INTO cpts.sync_table (aggregate_kind, table_name, rank, key_column, style, added, from_column,
    to_column, is_public, in_digest)
  SELECT t.aggregate_kind, t.table_name, t.rank, t.key_column, t.style, t.added,
         CASE t.dates WHEN 'both' THEN 'recorded_from' WHEN 'created' THEN 'created_at' ELSE '' END,
         CASE t.dates WHEN 'both' THEN 'recorded_to' ELSE '' END, t.is_public, t.in_digest
    FROM (VALUES
      ('CPTS', 'cpts', 10, 'cpts_id', 'WHOLE', '', 'created', true, true),
      ('CPTS', 'cpts_former', 11, 'cpts_id', 'FORMER', '', 'both', true, true),
      ('CPTS', 'cpts_stage', 12, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'cpts_territory', 13, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'cpts_population', 14, 'cpts_id', 'HISTORY', '', 'both', true, false),
      ('CPTS', 'cpts_identity', 15, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'cpts_milestone', 16, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'cpts_capacity', 17, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'cpts_member_count', 18, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('CPTS', 'referral_opt_in', 19, 'cpts_id', 'WHOLE', '', '', true, true),
      ('CPTS', 'cpts_adhesion', 20, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_clock', 21, 'cpts_id', 'HISTORY',
       't.raised_at >= a.since_at AND t.raised_at < ''infinity''', 'both', false, true),
      ('CPTS', 'cpts_correction', 22, 'cpts_id', 'ADDED', '', '', false, true),
      ('CPTS', 'cpts_crisis', 23, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_document', 24, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_filing', 25, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_indicator_target', 26, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_indicator_value', 27, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_member', 28, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_mission', 29, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_mission_plan', 30, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_representative', 31, 'cpts_id', 'HISTORY', '', 'both', false, true),
      ('CPTS', 'cpts_lead', 32, 'cpts_id', 'HISTORY', '', 'both', true, true),
      ('REFERRAL', 'referral', 40, 'referral_id', 'WHOLE', '', '', false, true),
      ('REFERRAL', 'assignment', 41, 'referral_id', 'WHOLE', '', '', false, true),
      ('REFERRAL', 'referral_candidate', 42, 'referral_id', 'WHOLE', '', '', false, true),
      ('REFERRAL', 'referral_clock', 43, 'referral_id', 'WHOLE', '', '', false, true),
      ('REFERRAL', 'referral_content', 44, 'referral_id', 'ADDED', 'false', '', false, true),
      ('REFERRAL', 'referral_note', 45, 'referral_id', 'ADDED', 't.recorded_at >= a.since_at', '',
       false, true),
      ('ATTACHMENT', 'referral_attachment', 50, 'attachment_id', 'WHOLE', '', '', false, true),
      ('ATTACHMENT', 'referral_chunk', 51, 'attachment_id', 'WHOLE', '', '', false, true),
      ('PATHWAY', 'pathway', 60, 'pathway_id', 'WHOLE', '', '', false, true),
      ('KEY', 'key_statement', 70, 'cpts_id', 'ADDED', '', '', true, true),
      ('ZONING', 'unit_zoning', 80, 'region', 'HISTORY', '', 'both', true, true))
      AS t (aggregate_kind, table_name, rank, key_column, style, added, dates, is_public, in_digest);

CREATE TABLE cpts.sync_cursor (
  peer                  text        NOT NULL,
  epoch                 int         NOT NULL DEFAULT 0,
  position              bigint      NOT NULL DEFAULT 0,
  head                  bigint      NOT NULL DEFAULT 0,
  scope_hash            bytea       NOT NULL DEFAULT '',
  schema_version        int         NOT NULL DEFAULT 0,
  origin_position       bigint      NOT NULL DEFAULT 0,
  origin_hash           bytea       NOT NULL DEFAULT '',
  stored_at             timestamptz,
  acknowledged_position bigint      NOT NULL DEFAULT 0,
  acknowledged_at       timestamptz,
  CONSTRAINT sync_cursor_key PRIMARY KEY (peer),
  CONSTRAINT sync_cursor_positions CHECK (position >= 0 AND origin_position >= 0
    AND acknowledged_position >= 0),
  CONSTRAINT sync_cursor_peer_shape
    CHECK (peer ~ '^(national|region/[0-9A-Z]{2,3}|cpts/[0-9a-f-]{36})$')
);
COMMENT ON TABLE cpts.sync_cursor IS 'How far each peer''s stream is stored here, and this node''s there.';
COMMENT ON COLUMN cpts.sync_cursor.peer IS 'The peer''s name; cpts/<uuid> is a replica, which only receives.';
COMMENT ON COLUMN cpts.sync_cursor.epoch IS 'Its epoch when the position was reached; 0 = nothing yet.';
COMMENT ON COLUMN cpts.sync_cursor.position IS 'Position in its local log up to which everything is stored here.';
COMMENT ON COLUMN cpts.sync_cursor.head IS 'Last position of its local log, as it told with the last batch.';
COMMENT ON COLUMN cpts.sync_cursor.scope_hash IS 'SHA-256 of what this node may see of it, or empty.';
COMMENT ON COLUMN cpts.sync_cursor.schema_version IS 'Version of the records'' schema; 0 = nothing yet.';
COMMENT ON COLUMN cpts.sync_cursor.origin_position IS 'Last position of its own chain that is stored, or known to be withheld.';
COMMENT ON COLUMN cpts.sync_cursor.origin_hash IS 'Hash there; empty at 0.';
COMMENT ON COLUMN cpts.sync_cursor.stored_at IS 'When a batch of it was stored last; NULL: never.';
COMMENT ON COLUMN cpts.sync_cursor.acknowledged_position IS 'Position of this node''s local log that it has stored.';
COMMENT ON COLUMN cpts.sync_cursor.acknowledged_at IS 'When it last said so; NULL: never.';

CREATE TABLE cpts.sync_withheld (
  origin_node    text        NOT NULL,
  last_position  bigint      NOT NULL,
  first_position bigint      NOT NULL,
  hash           cpts.sha256 NOT NULL,
  CONSTRAINT sync_withheld_key PRIMARY KEY (origin_node, last_position),
  CONSTRAINT sync_withheld_positions CHECK (first_position BETWEEN 1 AND last_position)
);
COMMENT ON TABLE cpts.sync_withheld
  IS 'Runs of a peer''s chain that this node may not see: with their hashes the entries around them are verified.';
COMMENT ON COLUMN cpts.sync_withheld.origin_node IS 'Node of the chain.';
COMMENT ON COLUMN cpts.sync_withheld.last_position IS 'Last origin position of the run.';
COMMENT ON COLUMN cpts.sync_withheld.first_position IS 'First one.';
COMMENT ON COLUMN cpts.sync_withheld.hash IS 'Hash of the last one: prev_hash of what follows.';

CREATE TABLE cpts.sync_staged (
  peer           text     NOT NULL,
  snapshot_id    uuid     NOT NULL,
  chunk          int      NOT NULL,
  item           int      NOT NULL,
  aggregate_kind text     NOT NULL,
  aggregate_id   uuid     NOT NULL,
  version        int      NOT NULL,
  epoch          int      NOT NULL,
  owner_node     text     NOT NULL,
  lead_region    text     NOT NULL,
  public_only    boolean  NOT NULL,
  kinds          text[]   NOT NULL,
  recorded_from  bigint[] NOT NULL,
  recorded_to    bigint[] NOT NULL,
  bodies         text[]   NOT NULL,
  refusal        text     NOT NULL,
  CONSTRAINT sync_staged_key PRIMARY KEY (peer, snapshot_id, chunk, item),
  CONSTRAINT sync_staged_chunk_range CHECK (chunk >= 0)
);
COMMENT ON TABLE cpts.sync_staged
  IS 'Images of a snapshot until its last chunk is there: then they are stored together with the cursor. Item 0 of a chunk stands for the chunk itself.';
COMMENT ON COLUMN cpts.sync_staged.peer IS 'Peer whose snapshot it is.';
COMMENT ON COLUMN cpts.sync_staged.snapshot_id IS 'The snapshot.';
COMMENT ON COLUMN cpts.sync_staged.chunk IS 'Its chunk, from 0.';
COMMENT ON COLUMN cpts.sync_staged.item IS 'Number of the image in the chunk, from 1.';
COMMENT ON COLUMN cpts.sync_staged.aggregate_kind IS 'As in change_log; empty for the chunk itself.';
COMMENT ON COLUMN cpts.sync_staged.aggregate_id IS 'The aggregate; of the chunk itself the snapshot.';
COMMENT ON COLUMN cpts.sync_staged.version IS 'Version that the image shows.';
COMMENT ON COLUMN cpts.sync_staged.epoch IS 'Epoch of its ownership.';
COMMENT ON COLUMN cpts.sync_staged.owner_node IS 'Who owns it.';
COMMENT ON COLUMN cpts.sync_staged.lead_region IS 'Its lead region, of a referral the origin''s.';
COMMENT ON COLUMN cpts.sync_staged.public_only IS 'Only what everybody may see.';
COMMENT ON COLUMN cpts.sync_staged.kinds IS 'Kinds of its rows, one a row.';
COMMENT ON COLUMN cpts.sync_staged.recorded_from IS 'Since when its owner believed each, microseconds; 0 without belief.';
COMMENT ON COLUMN cpts.sync_staged.recorded_to IS 'Until when, microseconds; 9223372036854775807 while it does.';
COMMENT ON COLUMN cpts.sync_staged.bodies IS 'The rows, JSON objects.';
COMMENT ON COLUMN cpts.sync_staged.refusal IS 'Why it is to be parked with the last chunk: ORIGIN_FORGED, OUT_OF_SCOPE; empty = it is to be stored.';

CREATE TABLE cpts.sync_checkpoint (
  node      text        NOT NULL,
  position  bigint      NOT NULL,
  hash      cpts.sha256 NOT NULL,
  signed_at timestamptz NOT NULL,
  signature cpts.ed25519_signature NOT NULL,
  key_id    bytea       NOT NULL,
  kept_at   timestamptz NOT NULL,
  CONSTRAINT sync_checkpoint_key PRIMARY KEY (node, position),
  CONSTRAINT sync_checkpoint_position_range CHECK (position >= 1),
  CONSTRAINT sync_checkpoint_key_id_length CHECK (octet_length(key_id) = 8)
);
COMMENT ON TABLE cpts.sync_checkpoint
  IS 'Signed points of the chains that are stored here, this node''s own and its peers'': with the hashes they prove what each origin wrote.';
COMMENT ON COLUMN cpts.sync_checkpoint.node IS 'Node that signed, of its own chain.';
COMMENT ON COLUMN cpts.sync_checkpoint.position IS 'Origin position.';
COMMENT ON COLUMN cpts.sync_checkpoint.hash IS 'Hash of that entry.';
COMMENT ON COLUMN cpts.sync_checkpoint.signed_at IS 'When it was signed, by its clock.';
COMMENT ON COLUMN cpts.sync_checkpoint.signature IS 'Ed25519, as cpts.v1.SyncCheckpoint says.';
COMMENT ON COLUMN cpts.sync_checkpoint.key_id IS 'First 8 bytes of SHA-256 of the public key.';
COMMENT ON COLUMN cpts.sync_checkpoint.kept_at IS 'When it was stored here.';

CREATE TABLE cpts.parked_aggregate (
  parked_id       uuid        NOT NULL,
  peer            text        NOT NULL,
  aggregate_kind  text        NOT NULL,
  aggregate_id    uuid        NOT NULL,
  reason          text        NOT NULL,
  detail          text        NOT NULL,
  version         int         NOT NULL,
  epoch           int         NOT NULL,
  owner_node      text        NOT NULL,
  lead_region     text        NOT NULL,
  told            text        NOT NULL,
  times           bigint      NOT NULL DEFAULT 1,
  parked_at       timestamptz NOT NULL,
  last_at         timestamptz NOT NULL,
  retry_wanted    boolean     NOT NULL DEFAULT false,
  rejected_at     timestamptz,
  rejected_by     text        NOT NULL DEFAULT '',
  rejected_reason text        NOT NULL DEFAULT '',
  CONSTRAINT parked_aggregate_key PRIMARY KEY (parked_id),
  CONSTRAINT parked_aggregate_reason_known CHECK (reason IN ('KIND_UNKNOWN', 'ORIGIN_FORGED',
    'OUT_OF_SCOPE', 'EPOCH_STALE', 'NOT_APPLIED')),
  CONSTRAINT parked_aggregate_told_length CHECK (octet_length(told) <= 262144),
  CONSTRAINT parked_aggregate_rejected CHECK ((rejected_at IS NULL) = (rejected_by = '')
    AND (rejected_at IS NULL) = (rejected_reason = ''))
);
CREATE UNIQUE INDEX parked_aggregate_peer_aggregate_kind_aggregate_id_idx
  ON cpts.parked_aggregate (peer, aggregate_kind, aggregate_id) WHERE rejected_at IS NULL;
COMMENT ON TABLE cpts.parked_aggregate
  IS 'Aggregates of which something could not be stored: nothing more of them is until somebody has them fetched again (retry) or sets them aside (reject). The others go on.';
COMMENT ON COLUMN cpts.parked_aggregate.parked_id IS 'UUID of this row.';
COMMENT ON COLUMN cpts.parked_aggregate.peer IS 'Peer that told it.';
COMMENT ON COLUMN cpts.parked_aggregate.aggregate_kind IS 'As the peer named it.';
COMMENT ON COLUMN cpts.parked_aggregate.aggregate_id IS 'The aggregate.';
COMMENT ON COLUMN cpts.parked_aggregate.reason
  IS 'KIND_UNKNOWN, ORIGIN_FORGED (not the peer''s to change), OUT_OF_SCOPE, EPOCH_STALE (written by a former owner: both values are kept), NOT_APPLIED (the database refused).';
COMMENT ON COLUMN cpts.parked_aggregate.detail IS 'For people; of NOT_APPLIED with the SQLSTATE.';
COMMENT ON COLUMN cpts.parked_aggregate.version IS 'Version of the last image that was not stored.';
COMMENT ON COLUMN cpts.parked_aggregate.epoch IS 'Its epoch.';
COMMENT ON COLUMN cpts.parked_aggregate.owner_node IS 'Its owner, as told.';
COMMENT ON COLUMN cpts.parked_aggregate.lead_region IS 'Its lead region, as told.';
COMMENT ON COLUMN cpts.parked_aggregate.told
  IS 'Its rows as told, a JSON array of {"kind", "row"}; cut to empty where they are beyond 262,144 bytes.';
COMMENT ON COLUMN cpts.parked_aggregate.times IS 'Images of it that were not stored, from 1.';
COMMENT ON COLUMN cpts.parked_aggregate.parked_at IS 'When it was parked.';
COMMENT ON COLUMN cpts.parked_aggregate.last_at IS 'When the last image of it came.';
COMMENT ON COLUMN cpts.parked_aggregate.retry_wanted IS 'To be fetched whole in the next session.';
COMMENT ON COLUMN cpts.parked_aggregate.rejected_at IS 'When it was set aside; NULL: it is parked.';
COMMENT ON COLUMN cpts.parked_aggregate.rejected_by IS 'Identity that did, stored or signed when what it was about is, or empty.';
COMMENT ON COLUMN cpts.parked_aggregate.rejected_reason IS 'Why, or empty.';

CREATE TABLE cpts.federation_alarm (
  alarm_id   bigint      GENERATED BY DEFAULT AS IDENTITY,
  peer       text        NOT NULL,
  alarm      text        NOT NULL,
  aggregate  text        NOT NULL,
  detail     text        NOT NULL,
  times      bigint      NOT NULL DEFAULT 1,
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  cleared_at timestamptz,
  cleared_by text        NOT NULL DEFAULT '',
  CONSTRAINT federation_alarm_key PRIMARY KEY (alarm_id),
  CONSTRAINT federation_alarm_word_shape CHECK (alarm ~ '^[A-Z][A-Z_]{2,39}$'),
  CONSTRAINT federation_alarm_detail_length CHECK (char_length(detail) <= 2000),
  CONSTRAINT federation_alarm_cleared CHECK ((cleared_at IS NULL) = (cleared_by = ''))
);
CREATE UNIQUE INDEX federation_alarm_peer_alarm_aggregate_idx
  ON cpts.federation_alarm (peer, alarm, aggregate) WHERE cleared_at IS NULL;
COMMENT ON SEQUENCE cpts.federation_alarm_alarm_id_seq IS 'Numbers of the alarms.';
COMMENT ON TABLE cpts.federation_alarm
  IS 'What somebody should look at: one row while it is up, however often it came.';
COMMENT ON COLUMN cpts.federation_alarm.alarm_id IS 'Number of the alarm.';
COMMENT ON COLUMN cpts.federation_alarm.peer IS 'Peer it is about.';
COMMENT ON COLUMN cpts.federation_alarm.alarm IS 'CHAIN_BROKEN, CHECKPOINT_LATE, ORIGIN_FORGED and others, as cpts/sync.h names them.';
COMMENT ON COLUMN cpts.federation_alarm.aggregate IS 'UUID of the aggregate it is about, or empty.';
COMMENT ON COLUMN cpts.federation_alarm.detail IS 'Last detail, at most 2,000 characters.';
COMMENT ON COLUMN cpts.federation_alarm.times IS 'How often it came, from 1.';
COMMENT ON COLUMN cpts.federation_alarm.first_at IS 'When it came first.';
COMMENT ON COLUMN cpts.federation_alarm.last_at IS 'When it came last.';
COMMENT ON COLUMN cpts.federation_alarm.cleared_at IS 'When somebody took it down; NULL: it is up.';
COMMENT ON COLUMN cpts.federation_alarm.cleared_by IS 'Identity that did, or empty.';

CREATE TABLE cpts.stray_change (
  origin_node     text        NOT NULL,
  origin_position bigint      NOT NULL,
  hash            cpts.sha256 NOT NULL,
  peer            text        NOT NULL,
  reason          text        NOT NULL,
  epoch           int         NOT NULL,
  aggregate_kind  text        NOT NULL,
  aggregate_id    uuid        NOT NULL,
  version         int         NOT NULL,
  kind            text        NOT NULL,
  recorded_at     timestamptz NOT NULL,
  actor           text        NOT NULL,
  command_id      uuid        NOT NULL,
  schema_version  int         NOT NULL,
  lead_region     text        NOT NULL,
  bytes           bytea       NOT NULL,
  prev_hash       cpts.sha256 NOT NULL,
  stored_at       timestamptz NOT NULL,
  CONSTRAINT stray_change_key PRIMARY KEY (origin_node, origin_position, hash),
  CONSTRAINT stray_change_reason_known CHECK (reason IN (
    'CHAIN_BROKEN', 'ORIGIN_FORGED', 'FORKED', 'GIVEN_BACK'))
);
COMMENT ON TABLE cpts.stray_change
  IS 'Entries of peers that are in no chain: evidence for people, kept apart from the log. Columns as in change_log.';
COMMENT ON COLUMN cpts.stray_change.origin_node IS 'Node that is said to have made it.';
COMMENT ON COLUMN cpts.stray_change.origin_position IS 'Its position there, as told.';
COMMENT ON COLUMN cpts.stray_change.hash IS 'Its hash, as told.';
COMMENT ON COLUMN cpts.stray_change.peer IS 'Peer that told it.';
COMMENT ON COLUMN cpts.stray_change.reason
  IS 'CHAIN_BROKEN, ORIGIN_FORGED (another node''s name on it), FORKED (another entry has that position), GIVEN_BACK (this node''s own, lost and given back when its place in the log was passed).';
COMMENT ON COLUMN cpts.stray_change.epoch IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.aggregate_kind IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.aggregate_id IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.version IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.kind IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.recorded_at IS 'When its origin recorded it, as told.';
COMMENT ON COLUMN cpts.stray_change.actor IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.command_id IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.schema_version IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.lead_region IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.bytes IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.prev_hash IS 'As in change_log.';
COMMENT ON COLUMN cpts.stray_change.stored_at IS 'When it was stored here.';

CREATE TABLE cpts.forked_change (
  origin_position bigint      NOT NULL,
  hash            cpts.sha256 NOT NULL,
  peer            text        NOT NULL,
  local_position  bigint      NOT NULL,
  epoch           int         NOT NULL,
  aggregate_kind  text        NOT NULL,
  aggregate_id    uuid        NOT NULL,
  version         int         NOT NULL,
  kind            text        NOT NULL,
  recorded_at     timestamptz NOT NULL,
  actor           text        NOT NULL,
  command_id      uuid        NOT NULL,
  schema_version  int         NOT NULL,
  lead_region     text        NOT NULL,
  bytes           bytea       NOT NULL,
  prev_hash       cpts.sha256 NOT NULL,
  told            text        NOT NULL,
  forked_at       timestamptz NOT NULL,
  CONSTRAINT forked_change_key PRIMARY KEY (origin_position, hash)
);
COMMENT ON TABLE cpts.forked_change
  IS 'Changes that this node made as an old copy of itself, after a restore: its peer knows others at their positions. They are out of the log, for people to look at and do again.';
COMMENT ON COLUMN cpts.forked_change.origin_position IS 'Position that it had in this node''s chain.';
COMMENT ON COLUMN cpts.forked_change.hash IS 'Its hash.';
COMMENT ON COLUMN cpts.forked_change.peer IS 'Peer that knows better.';
COMMENT ON COLUMN cpts.forked_change.local_position IS 'Position that it had in the local log.';
COMMENT ON COLUMN cpts.forked_change.epoch IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.aggregate_kind IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.aggregate_id IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.version IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.kind IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.recorded_at IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.actor IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.command_id IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.schema_version IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.lead_region IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.bytes IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.prev_hash IS 'As in change_log.';
COMMENT ON COLUMN cpts.forked_change.told
  IS 'Rows of the aggregate as this node had them when it was moved, a JSON array of {"kind", "row"}; with the last of its changes, else empty; bounded as in parked_aggregate.';
COMMENT ON COLUMN cpts.forked_change.forked_at IS 'When it was moved here.';

-- What was closed since a version is found by these: a closed row alone pays for one.
CREATE INDEX cpts_stage_cpts_id_recorded_to_idx
  ON cpts.cpts_stage (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_territory_cpts_id_recorded_to_idx
  ON cpts.cpts_territory (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_population_cpts_id_recorded_to_idx
  ON cpts.cpts_population (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_identity_cpts_id_recorded_to_idx
  ON cpts.cpts_identity (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_milestone_cpts_id_recorded_to_idx
  ON cpts.cpts_milestone (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_capacity_cpts_id_recorded_to_idx
  ON cpts.cpts_capacity (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_member_count_cpts_id_recorded_to_idx
  ON cpts.cpts_member_count (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_adhesion_cpts_id_recorded_to_idx
  ON cpts.cpts_adhesion (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_clock_cpts_id_recorded_to_idx
  ON cpts.cpts_clock (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_crisis_cpts_id_recorded_to_idx
  ON cpts.cpts_crisis (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_document_cpts_id_recorded_to_idx
  ON cpts.cpts_document (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_filing_cpts_id_recorded_to_idx
  ON cpts.cpts_filing (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_indicator_target_cpts_id_recorded_to_idx
  ON cpts.cpts_indicator_target (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_indicator_value_cpts_id_recorded_to_idx
  ON cpts.cpts_indicator_value (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_member_cpts_id_recorded_to_idx
  ON cpts.cpts_member (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_mission_cpts_id_recorded_to_idx
  ON cpts.cpts_mission (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_mission_plan_cpts_id_recorded_to_idx
  ON cpts.cpts_mission_plan (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX cpts_representative_cpts_id_recorded_to_idx
  ON cpts.cpts_representative (cpts_id, recorded_to) WHERE recorded_to < 'infinity';
CREATE INDEX unit_zoning_region_recorded_to_idx
  ON cpts.unit_zoning (region, recorded_to) WHERE recorded_to < 'infinity';

-- Facts that a peer told are recorded at cpts.log_now() as well, and not each batch appends to the
-- log: entries and answers come after them all the same.
CREATE OR REPLACE FUNCTION cpts.log_begin(node text) RETURNS bigint
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  head_position   bigint;
  own_position    bigint;
  own_hash        bytea;
  lost            record;
  last_recorded   timestamptz;
BEGIN
  SELECT l.local_position, l.recorded_at INTO head_position, last_recorded
    FROM cpts.change_log l ORDER BY l.local_position DESC LIMIT 1;
  SELECT l.origin_position, l.hash INTO own_position, own_hash
    FROM cpts.change_log l WHERE l.origin_node = node ORDER BY l.origin_position DESC LIMIT 1;
  -- After a restore a part of its own chain may be known by its hash only.
  SELECT w.last_position, w.hash INTO lost
    FROM cpts.sync_withheld w WHERE w.origin_node = node ORDER BY w.last_position DESC LIMIT 1;
  IF lost.last_position > coalesce(own_position, 0) THEN
    own_position := lost.last_position;
    own_hash := lost.hash;
  END IF;
  last_recorded := greatest(last_recorded, (SELECT s.stored_at FROM cpts.node_self s));
  PERFORM set_config('app.log_node', node, true),
          set_config('app.log_read_only',
            coalesce((SELECT s.read_only FROM cpts.node_self s), ''), true),
          set_config('app.log_now',
            greatest(clock_timestamp(), last_recorded + interval '1 microsecond')::text, true),
          set_config('app.log_start', coalesce(head_position, 0)::text, true),
          set_config('app.log_position', coalesce(head_position, 0)::text, true),
          set_config('app.log_origin_position', coalesce(own_position, 0)::text, true),
          set_config('app.log_hash', encode(coalesce(own_hash, decode(repeat('00', 32), 'hex')), 'hex'), true);
  RETURN coalesce(head_position, 0);
END
$$;

CREATE OR REPLACE FUNCTION cpts.log_instant() RETURNS timestamptz
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  RETURN greatest(timestamptz '2000-01-01 00:00:00Z',
    (SELECT l.recorded_at FROM cpts.change_log l ORDER BY l.local_position DESC LIMIT 1),
    (SELECT s.stored_at FROM cpts.node_self s),
    (SELECT max(v.loaded_at) FROM cpts.reference_version v));
END
$$;
COMMENT ON FUNCTION cpts.log_instant()
  IS 'When the last entry was recorded that the statement''s snapshot shows, or when facts of a peer were stored or reference data was loaded after it; 2000-01-01 when there is none of it. SECURITY DEFINER: row-level security would hide part of the log.';

-- Only the node itself reads what was parked, kept apart or forked: rows of every CPTS.
ALTER TABLE cpts.parked_aggregate ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.parked_aggregate FORCE ROW LEVEL SECURITY;
CREATE POLICY parked_aggregate_read ON cpts.parked_aggregate FOR SELECT
  USING (current_setting('app.scope', true) = '*');
ALTER TABLE cpts.stray_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.stray_change FORCE ROW LEVEL SECURITY;
CREATE POLICY stray_change_read ON cpts.stray_change FOR SELECT
  USING (current_setting('app.scope', true) = '*');
ALTER TABLE cpts.forked_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE cpts.forked_change FORCE ROW LEVEL SECURITY;
CREATE POLICY forked_change_read ON cpts.forked_change FOR SELECT
  USING (current_setting('app.scope', true) = '*');

GRANT SELECT ON cpts.node_self, cpts.sync_table, cpts.sync_cursor, cpts.sync_withheld,
  cpts.sync_checkpoint, cpts.parked_aggregate, cpts.federation_alarm, cpts.stray_change,
  cpts.forked_change TO cpts_app;

COMMIT;
