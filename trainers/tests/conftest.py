"""Job directories made of small seeded data, and the trainer run on them as Millrace runs it: as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

TRAINERS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TRAINERS))

INPUTS = [
    {"name": "age", "type": "integer"},
    {"name": "spend", "type": "double"},
    {"name": "member", "type": "boolean"},
    {"name": "plan", "type": "category"},
    {"name": "joined", "type": "date"},
    {"name": "seen_at", "type": "timestamp"},
]
DERIVE = {"spend_per_year": "spend / greatest(age, 1)", "age_group": "CASE WHEN age < 30 THEN 'young' ELSE 'old' END"}
WORDS = {0: ["slow", "broken", "never", "refund", "bad"], 1: ["great", "love", "fast", "thanks", "good"], 2: ["where", "when", "store", "open", "hours"]}


def customers(rows: int = 400, seed: int = 7) -> pandas.DataFrame:
    """Source rows of every column type, with gaps in each; `signal` is what the labels are made from."""
    draw = numpy.random.default_rng(seed)
    age = draw.integers(18, 80, rows).astype(float)
    spend = draw.gamma(2.0, 50.0, rows)
    member = draw.random(rows) < 0.5
    plan = draw.choice(["basic", "plus", "pro"], rows, p=[0.5, 0.3, 0.2])
    days = draw.integers(0, 3000, rows)
    signal = (spend - 100) / 60 + numpy.where(plan == "pro", 1.5, -0.3) + numpy.where(member, 0.8, -0.8) + (40 - age) / 40 + draw.normal(0, 0.5, rows)
    frame = pandas.DataFrame({"__row_id": [f"r{index}" for index in range(rows)]})
    frame["age"] = pandas.array(age, dtype="Int64")
    frame["spend"] = spend
    frame["member"] = pandas.array(member, dtype="boolean")
    frame["plan"] = plan.astype(object)
    frame["joined"] = (numpy.datetime64("2015-01-01") + days.astype("timedelta64[D]")).astype("datetime64[s]")
    frame["seen_at"] = numpy.datetime64("2024-01-01T00:00:00") + draw.integers(0, 10**7, rows).astype("timedelta64[s]")
    for name in ("age", "spend", "member", "plan", "joined", "seen_at"):
        frame.loc[draw.random(rows) < 0.05, name] = None
    frame["signal"] = signal
    return frame


def texts(rows: int = 300, classes: int = 2, seed: int = 7) -> pandas.DataFrame:
    """Short texts whose words tell the class most of the time."""
    draw = numpy.random.default_rng(seed)
    label = draw.integers(0, classes, rows)
    sentences = []
    for place in label:
        own = list(draw.choice(WORDS[int(place)], 3))
        noise = list(draw.choice(["the", "a", "phone", "today", "shop", "It's"], 4))
        sentences.append(" ".join(draw.permutation(own + noise)))
    return pandas.DataFrame({"__row_id": [f"t{index}" for index in range(rows)], "text": sentences, "label": label})


@dataclass
class JobDirectory:
    """A job directory and the truth about its validation rows."""

    path: Path
    validation: pandas.DataFrame
    truth: pandas.Series
    document: dict[str, Any] = field(default_factory=dict)

    def amend(self, **members: Any) -> "JobDirectory":
        self.document.update(members)
        (self.path / "input.json").write_text(json.dumps(self.document))
        return self

    @property
    def model(self) -> Path:
        return self.path / "out" / "model"

    def predictions(self) -> pandas.DataFrame:
        return pandas.read_parquet(self.path / "out" / "predictions.parquet")

    def result(self) -> dict[str, Any]:
        return json.loads((self.path / "out" / "result.json").read_text())

    def error(self) -> str:
        return json.loads((self.path / "out" / "error.json").read_text())["message"]

    def progress(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.path / "out" / "progress.jsonl").read_text().splitlines()]


def write_job(path: Path, frame: pandas.DataFrame, *, label: str, task: str, classes: list[str], features: dict[str, Any], trainer: Any, **members: Any) -> JobDirectory:
    """Every fifth row is a validation row. `trainer` is a reference trainer's name or a whole trainer spec."""
    path.mkdir(parents=True, exist_ok=True)
    names = ["__row_id", *(column["name"] for column in features["inputs"])]
    held = numpy.arange(len(frame)) % 5 == 0
    train, validation = frame[~held], frame[held]
    _source(train[[*names, label]]).to_parquet(path / "train.parquet", index=False)
    _source(validation[names]).to_parquet(path / "validation.parquet", index=False)
    spec = {"kind": "reference", "name": trainer} if isinstance(trainer, str) else trainer
    document = {
        "contract": 1,
        "action": "train",
        "pipeline": "tests",
        "candidate": "candidate",
        "task": task,
        "label": label,
        "classes": classes,
        "features": features,
        "trainer": spec,
        "params": {},
        "seed": 42,
        "threads": 2,
    }
    job = JobDirectory(path, validation[names].reset_index(drop=True), validation[label].reset_index(drop=True), document)
    return job.amend(**members)


def _source(frame: pandas.DataFrame) -> pandas.DataFrame:
    frame = frame.copy()
    if "joined" in frame:
        frame["joined"] = frame["joined"].dt.date
    return frame


def customer_job(path: Path, trainer: Any, task: str = "binary", rows: int = 400, **members: Any) -> JobDirectory:
    """A job over all column types with derived features."""
    frame = customers(rows)
    classes: list[str] = []
    if task == "binary":
        frame["label"] = (frame["signal"] > 0).astype(int)
        classes = ["stays", "leaves"]
    elif task == "multiclass":
        frame["label"] = pandas.cut(frame["signal"], [-99, -0.8, 0.8, 99], labels=["low", "middle", "high"]).astype(str)
        classes = ["high", "low", "middle"]
    else:
        frame["label"] = frame["signal"] * 1000 + 5000
    features = {"inputs": INPUTS, "select": [column["name"] for column in INPUTS], "derive": DERIVE, "text": []}
    return write_job(path, frame, label="label", task=task, classes=classes, features=features, trainer=trainer, **members)


def text_job(path: Path, trainer: Any, classes: int = 2, **members: Any) -> JobDirectory:
    """A job over one text column."""
    frame = texts(classes=classes)
    names = ["angry", "happy", "asks"][:classes]
    if classes > 2:
        frame["label"] = [names[place] for place in frame["label"]]
    features = {"inputs": [{"name": "text", "type": "text"}], "select": ["text"], "derive": {}, "text": ["text"]}
    task = "binary" if classes == 2 else "multiclass"
    return write_job(path, frame, label="label", task=task, classes=names, features=features, trainer=trainer, **members)


def run_trainer(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m millrace_trainer ...` as Millrace starts it."""
    return run_python("-m", "millrace_trainer", *arguments, PYTHONPATH=str(TRAINERS), **environment)


def run_python(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The interpreter under test in an environment without PYTHONPATH unless given."""
    base = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MILLRACE_JOB_DIR")}
    return subprocess.run([sys.executable, *map(str, arguments)], env={**base, **environment}, capture_output=True, text=True, timeout=300)


def train_here(job: JobDirectory) -> JobDirectory:
    """Trains in this process: quicker where nothing depends on the process."""
    from millrace_trainer.training import train

    train(job.path)
    return job


@pytest.fixture(scope="session")
def trained_customers(tmp_path_factory: pytest.TempPathFactory) -> JobDirectory:
    """One trained binary model over all column types, shared by tests that only read it."""
    return train_here(customer_job(tmp_path_factory.mktemp("customers"), "sklearn/logistic-regression"))
