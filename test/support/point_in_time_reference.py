"""What a point-in-time join must give, worked out row by row: an independent reference.

Usage: point_in_time_reference.py INPUT.json, where INPUT holds dataset, entity, at and views (file, timestamp, ttl in seconds, select, prefix).
Prints {row id: {joined column: value}} as JSON.
"""

import datetime
import json
import sys

import duckdb


def rows(path, columns):
    names = ", ".join(f'"{column}"' for column in columns)
    return duckdb.sql(f"SELECT {names} FROM read_parquet('{path}')").fetchall()


def latest(known, moment, ttl):
    """Values of the row with the greatest time not after `moment`; of equal times the last in the file."""
    best = None
    for time, values in known:
        if time is not None and moment is not None and time <= moment and (best is None or time >= best[0]):
            best = (time, values)
    if best is None or (ttl is not None and moment - best[0] > datetime.timedelta(seconds=ttl)):
        return None
    return best[1]


task = json.load(open(sys.argv[1]))
result = {}
for view in task["views"]:
    by_entity = {}
    for entity, time, *values in rows(view["file"], [task["entity"], view["timestamp"], *view["select"]]):
        by_entity.setdefault(entity, []).append((time, values))
    by_entity.pop(None, None)
    for row_id, entity, moment in rows(task["dataset"], ["__row_id", task["entity"], task["at"]]):
        values = latest(by_entity.get(entity, []), moment, view.get("ttl"))
        for index, name in enumerate(view["select"]):
            result.setdefault(row_id, {})[view["prefix"] + name] = None if values is None else values[index]
print(json.dumps(result))
