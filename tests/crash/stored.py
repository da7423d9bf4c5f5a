# SPDX-License-Identifier: Apache-2.0
"""What the database holds, as plain rows: the other side of a check."""
from dataclasses import dataclass, field

from daemon import rows

QUERIES = {
    "commands": """SELECT principal, command_id, encode(content_hash, 'hex') AS content_hash,
        aggregate_id, version, log_position FROM cpts.command ORDER BY log_position""",
    "log": """SELECT local_position, origin_node, origin_position, epoch, aggregate_kind,
        aggregate_id, version, kind, to_char(recorded_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD HH24:MI:SS.US') AS recorded_at, actor, command_id, lead_region,
        encode(bytes, 'hex') AS bytes, encode(prev_hash, 'hex') AS prev_hash,
        encode(hash, 'hex') AS hash FROM cpts.change_log ORDER BY local_position""",
    "cpts": """SELECT cpts_id, owner_node, epoch, version, name, lead_region, stage, stage_on,
        synthetic, finess, website FROM cpts.cpts ORDER BY cpts_id""",
    "stages": """SELECT cpts_id, version, stage, successor_id, lead_region, valid_from, valid_to,
        to_char(recorded_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS recorded_from,
        recorded_to = 'infinity' AS believed FROM cpts.cpts_stage""",
    "territories": """SELECT cpts_id, version, unit_code, share, valid_from, valid_to,
        to_char(recorded_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS recorded_from,
        CASE WHEN recorded_to < 'infinity' THEN
          to_char(recorded_to AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') ELSE '' END
          AS recorded_to FROM cpts.cpts_territory""",
    "populations": """SELECT cpts_id, version, department, population_count, valid_from, valid_to,
        recorded_to = 'infinity' AS believed FROM cpts.cpts_population""",
    "overlaps": "SELECT unit_code FROM cpts.unit_overlap",
    "units": """SELECT code, department, population_count FROM cpts.territory_unit
        WHERE code IN (SELECT unit_code FROM cpts.cpts_territory)""",
}


@dataclass
class Stored:
    """Rows are dictionaries; the log and the commands are in log order."""
    commands: list = field(default_factory=list)
    log: list = field(default_factory=list)
    cpts: list = field(default_factory=list)
    stages: list = field(default_factory=list)
    territories: list = field(default_factory=list)
    populations: list = field(default_factory=list)
    overlaps: list = field(default_factory=list)
    units: list = field(default_factory=list)


def read(database):
    """Reads it all from a database in which nobody writes any more."""
    return Stored(**{name: rows(database, query) for name, query in QUERIES.items()})
