-- SPDX-License-Identifier: Apache-2.0
-- Tells a node of another one, or of itself: where it answers, and the key that it signs
-- points of its log with. What enrolment does at the national node; a regional one is
-- told of the national one and of itself by its operator. Run by whoever owns the database:
--   psql -v name=national -v address=cpts.example:8443 -v key=HEX -f sql/admin/node_know.sql
-- key: 64 hexadecimal digits, as `cptsctl node key FILE` prints them.
\set ON_ERROR_STOP on
INSERT INTO cpts.node (name, address, status, checkpoint_key)
  VALUES (:'name', :'address', CASE :'name' WHEN 'national' THEN 'SERVED' ELSE 'ENROLLED' END,
          decode(:'key', 'hex'))
  ON CONFLICT (name) DO UPDATE
    SET address = excluded.address, checkpoint_key = excluded.checkpoint_key;
