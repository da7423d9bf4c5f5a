# SPDX-License-Identifier: Apache-2.0
"""The kinds of rows that the library tells integrators of are those of the node's schema."""
import ctypes
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

KEYS_MAX = 5
SCHEMA = """
SELECT s.table_name, s.aggregate_kind, s.style = 'WHOLE', s.in_digest,
       (SELECT coalesce(string_agg(a.attname, ' ' ORDER BY a.attname), '')
          FROM pg_index i
         CROSS JOIN LATERAL unnest(i.indkey) k (attnum)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = ('cpts.' || s.table_name)::regclass AND i.indisprimary
           AND a.attname <> s.key_column)
  FROM cpts.sync_table s ORDER BY s.table_name;
"""


class Kind(ctypes.Structure):
    """struct cpts_sync_record_kind"""
    _fields_ = [("name", ctypes.c_char_p), ("aggregate_kind", ctypes.c_char_p),
                ("keys", ctypes.c_char_p * (KEYS_MAX + 1)), ("is_whole", ctypes.c_bool),
                ("in_digest", ctypes.c_bool)]


def told():
    library = ctypes.CDLL(os.path.join(psql.environment("CPTS_TEST_BUILD"), "lib", "libcpts.so"))
    library.cpts_sync_record_kinds.restype = ctypes.POINTER(Kind)
    count = ctypes.c_size_t()
    kinds = library.cpts_sync_record_kinds(ctypes.byref(count))
    for number in range(count.value):
        kind = kinds[number]
        keys = sorted(key.decode() for key in kind.keys if key is not None)
        yield (kind.name.decode(), kind.aggregate_kind.decode(), kind.is_whole, kind.in_digest,
               " ".join(keys))


class RecordKinds(unittest.TestCase):
    def test_record_kinds__are_the_catalogue_of_the_schema(self):
        database = psql.Database()
        self.addCleanup(database.drop)
        schema = [(table, kind, whole == "t", digest == "t", keys)
                  for table, kind, whole, digest, keys in database.query(SCHEMA)]
        self.assertGreater(len(schema), 20)
        self.assertEqual(sorted(told()), sorted(schema))


if __name__ == "__main__":
    psql.main()
