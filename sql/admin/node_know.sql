-- SPDX-License-Identifier: Apache-2.0
-- For emergencies: tells a node of another one, or of itself, where it answers and by which key it
-- is believed. Enrolment and each start of cptsd do that by themselves. Needed only when the key
-- of the node above was lost and none is left that vouches for the next: whoever owns the
-- database then says whom to believe, after having asked by another way. Nothing is pinned any
-- more; the next start of cptsd pins what [federation] upstream_pin says, if it is that key.
--   psql -v name=national -v address=cpts.example:8443 -v key=HEX -f sql/admin/node_know.sql
-- key: 64 hexadecimal digits, as `cptsctl node key FILE` prints them.
\set ON_ERROR_STOP on
INSERT INTO cpts.node (name, address, status, checkpoint_key)
  VALUES (:'name', :'address', CASE :'name' WHEN 'national' THEN 'SERVED' ELSE 'ENROLLED' END,
          decode(:'key', 'hex'))
  ON CONFLICT (name) DO UPDATE
    SET address = excluded.address, checkpoint_key = excluded.checkpoint_key,
        authority = NULL, pinned_at = NULL;
