-- Keeps a chunk of a snapshot until the last one is there. The first chunk of another snapshot
-- removes what was staged of this peer. A chunk that is staged already stays as it is.
-- $1 this node (text)  $2 the peer (text)  $3 id of the snapshot (uuid)  $4 chunk, from 0 (int)
-- $5 source position at which it began (bigint)
-- Images, arrays of one length:
-- $6 kinds (text[])  $7 ids (uuid[])  $8 versions (int[])  $9 epochs (int[])
-- $10 owners (text[])  $11 lead regions (text[])  $12 public only (boolean[])
-- Rows of the images, arrays of one length:
-- $13 number of the image, from 1 (int[])  $14 kinds (text[])
-- $15 since when believed, $16 until when (bigint[], microseconds, 0 0 = without belief)
-- $17 JSON objects (text[])
-- $18 why the engine refused each image (text[]; '' = it did not, as in federation_apply)
-- Gives one row: 0 chunks that are staged (int).
SELECT cpts.sync_stage($2::text, $3::uuid, $4::int, $5::bigint, $6::text[], $7::uuid[], $8::int[],
         $9::int[], $10::text[], $11::text[], $12::boolean[], $13::int[], $14::text[],
         $15::bigint[], $16::bigint[], $17::text[], $18::text[]) AS chunk_count
 WHERE $1::text <> ''
