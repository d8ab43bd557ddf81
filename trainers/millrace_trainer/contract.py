"""`input.json` as Python objects: the trainer's half of `src/contracts/trainer.ts`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BadInput

CONTRACT = 1
ROW_ID_COLUMN = "__row_id"
TASKS = ("binary", "multiclass", "regression")
COLUMN_TYPES = ("integer", "double", "boolean", "category", "text", "date", "timestamp")


@dataclass(frozen=True)
class Features:
    """How features come out of the input columns (`FeaturePacking`)."""

    inputs: list[dict[str, str]]
    select: list[str]
    derive: dict[str, str]
    text: list[str]


@dataclass(frozen=True)
class TrainInput:
    """`input.json` of a training job, in the directory it was read from."""

    directory: Path
    pipeline: str
    candidate: str
    task: str
    label: str
    classes: list[str]
    features: Features
    trainer: dict[str, Any]
    params: dict[str, Any]
    seed: int
    threads: int


@dataclass(frozen=True)
class ScoreInput:
    """`input.json` of a scoring job, in the directory it was read from."""

    directory: Path
    task: str
    classes: list[str]
    threads: int


@dataclass
class Reader:
    """Takes typed members out of a JSON object and names the member that is missing or of another type."""

    members: dict[str, Any]
    place: str = "input.json"
    _words: dict[type, str] = field(
        default_factory=lambda: {str: "a string", int: "a whole number", list: "a list", dict: "an object"}
    )

    def take(self, name: str, kind: type) -> Any:
        value = self.members.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadInput(f"{self.place}: `{name}` must be {self._words[kind]}, found {json.dumps(value, default=str)}.")
        return value

    def nested(self, name: str) -> "Reader":
        return Reader(self.take(name, dict), f"{self.place}: {name}")


def score_columns(task: str, class_count: int) -> list[str]:
    """Names of the score columns: `score`, or `score_0`, `score_1`, ... for several classes."""
    return [f"score_{index}" for index in range(class_count)] if task == "multiclass" else ["score"]


def read_document(directory: Path) -> dict[str, Any]:
    """The job's `input.json` as it stands. Raises BadInput where there is none, or it is not a JSON object of this contract."""
    path = directory / "input.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"No input.json in the job directory {directory}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"input.json is not valid JSON: {error}.") from None
    if not isinstance(document, dict) or document.get("contract") != CONTRACT:
        raise BadInput(f"input.json must be an object with `contract: {CONTRACT}`; this trainer speaks no other version.")
    return document


def _task(reader: Reader) -> tuple[str, list[str]]:
    task = reader.take("task", str)
    if task not in TASKS:
        raise BadInput(f"input.json: task `{task}` is none of {', '.join(TASKS)}.")
    classes = [str(name) for name in reader.take("classes", list)]
    if task == "binary" and len(classes) != 2:
        raise BadInput(f"input.json: a binary task has two classes [negative, positive], found {classes}.")
    if task == "multiclass" and len(classes) < 2:
        raise BadInput(f"input.json: a multiclass task has at least two classes, found {classes}.")
    return task, classes


def _features(reader: Reader) -> Features:
    inputs = reader.take("inputs", list)
    for column in inputs:
        if not isinstance(column, dict) or not isinstance(column.get("name"), str) or column.get("type") not in COLUMN_TYPES:
            raise BadInput(f"input.json: features.inputs: {json.dumps(column)} is not a column with a name and a known type.")
    features = Features(inputs, reader.take("select", list), reader.take("derive", dict), reader.take("text", list))
    known = {column["name"] for column in inputs}
    for name in features.select:
        if name not in known:
            raise BadInput(f"Feature `{name}` is selected, but it is not among the input columns {sorted(known)}.")
    for name in features.derive:
        if name in features.select:
            raise BadInput(f"Feature `{name}` is both selected and derived; give the derived one another name.")
    if not features.select and not features.derive:
        raise BadInput("There is no feature: neither `select` nor `derive` names one.")
    return features


def read_train_input(directory: Path) -> TrainInput:
    """Reads and checks a training job's input. Raises BadInput."""
    reader = Reader(read_document(directory))
    if reader.members.get("action") != "train":
        raise BadInput(f"input.json asks for `{reader.members.get('action')}`, not for `train`.")
    task, classes = _task(reader)
    threads = reader.take("threads", int)
    if threads < 1:
        raise BadInput(f"input.json: `threads` must be at least 1, found {threads}.")
    return TrainInput(
        directory=directory,
        pipeline=reader.take("pipeline", str),
        candidate=reader.take("candidate", str),
        task=task,
        label=reader.take("label", str),
        classes=classes,
        features=_features(reader.nested("features")),
        trainer=reader.take("trainer", dict),
        params=reader.take("params", dict),
        seed=reader.take("seed", int),
        threads=threads,
    )


def read_score_input(directory: Path) -> ScoreInput:
    """Reads and checks a scoring job's input. Raises BadInput."""
    reader = Reader(read_document(directory))
    if reader.members.get("action") != "score":
        raise BadInput(f"input.json asks for `{reader.members.get('action')}`, not for `score`.")
    task, classes = _task(reader)
    return ScoreInput(directory, task, classes, max(1, reader.take("threads", int)))
