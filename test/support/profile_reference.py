"""The profile of a table by pandas and NumPy: `profile_reference.py FILE` prints JSON, column -> figures. Texts that pandas would take for missing are kept."""
import json
import sys

import pandas as pd

PERCENTILES = [1, 5, 25, 50, 75, 95, 99]


def plain(value):
    return value.item() if hasattr(value, "item") else value


frame = pd.read_csv(sys.argv[1], keep_default_na=False, na_values=[""])
figures = {}
for name, column in frame.items():
    present = column.dropna()
    entry = {
        "count": int(present.size),
        "missing": int(column.isna().sum()),
        "distinct": int(present.nunique()),
        "min": plain(present.min()),
        "max": plain(present.max()),
    }
    if pd.api.types.is_numeric_dtype(column):
        entry["mean"] = float(present.mean())
        entry["std"] = float(present.std(ddof=1))
        entry["percentiles"] = {str(p): float(present.quantile(p / 100)) for p in PERCENTILES}
    else:
        lengths = present.str.len()
        entry["length"] = {"min": int(lengths.min()), "max": int(lengths.max()), "mean": float(lengths.mean())}
        counts = present.value_counts()
        entry["top"] = sorted(([str(v), int(n)] for v, n in counts.items()), key=lambda pair: (-pair[1], pair[0]))[:10]
    figures[name] = entry
rows_without_key = frame.drop(columns=["customer_id"], errors="ignore")
print(json.dumps({"rows": len(frame), "duplicates": int(rows_without_key.duplicated().sum()), "columns": figures}))
