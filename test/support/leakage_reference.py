"""How well each column of a training table alone tells the label: an independent reference with scikit-learn and SciPy.

Usage: leakage_reference.py train.parquet LABEL TASK. Prints {column: {"order": strength or null, "value": strength or null}} as JSON.
"""

import datetime
import hashlib
import json
import sys
from collections import defaultdict

import duckdb
import numpy
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

path, label, task = sys.argv[1:]
table = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
columns = dict(zip(table.columns, zip(*table.fetchall())))
types = dict(zip(table.columns, (str(kind) for kind in table.types)))
ids = columns.pop("__row_id")
labels = numpy.array(columns.pop(label))
folds = [ord(hashlib.sha256(row.encode()).hexdigest()[16]) % 5 for row in ids]


def strength(scores, both_ways):
    if task == "regression":
        if len(set(scores)) == 1:
            return 0.0  # scores that are all the same tell nothing; SciPy says that no correlation is defined
        return abs(float(spearmanr(scores, labels.astype(float)).statistic))
    best = 0.0
    for name in numpy.unique(labels):
        auc = roc_auc_score(labels == name, scores)
        best = max(best, auc, 1 - auc if both_ways else 0.0)
    return best


def number_of(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return float(value.toordinal() if isinstance(value, datetime.date) else value)


def by_order(values):
    numbers = [None if value is None else number_of(value) for value in values]
    known = [number for number in numbers if number is not None]
    # Infinity is refused by scikit-learn; anything beyond all values has the same ranks.
    beyond = (min(known) - 1, max(known) + 1)
    return max(strength([edge if number is None else number for number in numbers], True) for edge in beyond)


def mean_of_others(values, target):
    """Mean target of rows with the same value in other folds, drawn towards the mean of all by the weight of one row."""
    totals, parts = defaultdict(lambda: [0, 0.0]), defaultdict(lambda: [0, 0.0])
    for value, fold, number in zip(values, folds, target):
        for group in (totals[value], parts[value, fold]):
            group[0] += 1
            group[1] += number
    mean = float(numpy.mean(target))
    return [
        (totals[value][1] - parts[value, fold][1] + mean) / (totals[value][0] - parts[value, fold][0] + 1)
        for value, fold in zip(values, folds)
    ]


def by_value(values):
    if task == "regression":
        return strength(mean_of_others(values, labels.astype(float)), False)
    names = [1] if task == "binary" else numpy.unique(labels)
    return max(roc_auc_score(labels == name, mean_of_others(values, (labels == name).astype(float))) for name in names)


result = {}
for name, values in columns.items():
    is_text = types[name] == "VARCHAR"
    result[name] = {"order": None if is_text else by_order(values), "value": by_value(values)}
print(json.dumps(result))
