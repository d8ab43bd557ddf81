"""Makes real models for tests of serving: trains and scores by the trainer contract, on data that a seed generates.

    python make_churn_models.py OUT NAME=C [NAME=C ...]

OUT/split gets train.parquet, validation.parquet and holdout.parquet; OUT/NAME gets the trainer's `model/` and `input.json`, and
`scores/predictions.parquet` of the hold-out. C is the inverse regularisation of the logistic regression: other values, other scores.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet as parquet

INPUTS = [
    {"name": "tenure", "type": "integer"},
    {"name": "charges", "type": "double"},
    {"name": "contract", "type": "category"},
    {"name": "since", "type": "date"},
]
ROWS = {"train": 400, "validation": 100, "holdout": 300}


def table(rows, offset, label):
    random = numpy.random.default_rng(offset)
    tenure = random.integers(0, 72, rows)
    charges = numpy.round(random.uniform(20, 120, rows), 2)
    contract = random.choice(["month", "year", "two year"], rows)
    odds = -0.05 * tenure + 0.02 * charges + (contract == "month") * 1.2 - 0.8
    churn = (random.uniform(size=rows) < 1 / (1 + numpy.exp(-odds))).astype("int64")
    gaps = random.uniform(size=rows) < 0.1
    columns = {
        "__row_id": [f"row-{offset + index}" for index in range(rows)],
        "tenure": pyarrow.array(tenure, pyarrow.int64()),
        "charges": pyarrow.array([None if gap else value for gap, value in zip(gaps, charges)], pyarrow.float64()),
        "contract": contract.tolist(),
        "since": pyarrow.array((numpy.datetime64("2020-01-01") + tenure.astype("timedelta64[D]")), pyarrow.date32()),
    }
    return pyarrow.table({**columns, "churn": churn} if label else columns)


def run(action, directory):
    subprocess.run([sys.executable, "-m", "millrace_trainer", action, str(directory)], check=True, stdout=sys.stderr)


def main(out, models):
    split = out / "split"
    split.mkdir(parents=True)
    for index, (side, rows) in enumerate(ROWS.items()):
        parquet.write_table(table(rows, 10_000 * (index + 1), side == "train"), split / f"{side}.parquet")
    for name, strength in models:
        job = out / f"{name}-job"
        job.mkdir()
        shutil.copy(split / "train.parquet", job)
        shutil.copy(split / "validation.parquet", job)
        document = {
            "contract": 1,
            "action": "train",
            "pipeline": "churn",
            "candidate": name,
            "task": "binary",
            "label": "churn",
            "classes": ["No", "Yes"],
            "features": {
                "inputs": INPUTS,
                "select": ["tenure", "charges", "contract"],
                "derive": {"charge_per_month": "charges / greatest(tenure, 1)", "year": "year(since)"},
                "text": [],
            },
            "trainer": {"kind": "reference", "name": "sklearn/logistic-regression"},
            "params": {"C": float(strength)},
            "seed": 42,
            "threads": 1,
        }
        (job / "input.json").write_text(json.dumps(document))
        run("train", job)
        scoring = out / f"{name}-scoring"
        scoring.mkdir()
        shutil.copy(split / "holdout.parquet", scoring / "rows.parquet")
        shutil.copytree(job / "out" / "model", scoring / "model")
        ask = {"contract": 1, "action": "score", "task": "binary", "classes": ["No", "Yes"], "threads": 1}
        (scoring / "input.json").write_text(json.dumps(ask))
        run("score", scoring)
        made = out / name
        made.mkdir()
        shutil.move(job / "out" / "model", made / "model")
        shutil.copy(job / "input.json", made)
        (made / "scores").mkdir()
        shutil.copy(scoring / "out" / "predictions.parquet", made / "scores")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [argument.split("=") for argument in sys.argv[2:]])
