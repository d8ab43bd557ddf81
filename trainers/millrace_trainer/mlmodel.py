"""The documents of an MLflow model folder: `MLmodel`, its environment files and its input example.

They are written here and not by `mlflow.save_model`, for two reasons: importing MLflow takes longer than most trainings, and MLflow stamps each
model with the time and a random id, while a Millrace model's bytes depend on its content alone. The tests load the result with MLflow itself.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import uuid
from pathlib import Path
from typing import Any

from .contract import score_columns

# Versions of the model format follow MLflow's own; `mlflow` is pinned in the environment's lock.
LOADER_MODULE = "millrace_model"
BASE_REQUIREMENTS = ("mlflow", "duckdb", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "cloudpickle")
# A missing value turns a column of integers or booleans into doubles in pandas, and JSON `null` must be accepted everywhere.
MLFLOW_TYPES = {
    "integer": "double",
    "double": "double",
    "boolean": "double",
    "category": "string",
    "text": "string",
    "date": "datetime",
    "timestamp": "datetime",
}


def signature(inputs: list[dict[str, str]], task: str, class_count: int) -> dict[str, str]:
    """MLflow's signature: source columns in, scores and predictions out, and for two classes the decision threshold as a parameter."""
    columns = [{"type": MLFLOW_TYPES[column["type"]], "name": column["name"], "required": True} for column in inputs]
    scores = [{"type": "double", "name": name, "required": True} for name in score_columns(task, class_count)]
    prediction = {"type": "double" if task == "regression" else "string", "name": "prediction", "required": True}
    outputs = [prediction, *scores] if task == "multiclass" else [*scores, prediction]
    document = {"inputs": json.dumps(columns), "outputs": json.dumps(outputs)}
    if task == "binary":
        document["params"] = json.dumps([{"name": "threshold", "default": 0.5, "shape": None, "type": "double"}])
    return document


def pinned(packages: list[str]) -> list[str]:
    """`name==version` of each package that is installed here, in order and without repetition."""
    lines = []
    for package in dict.fromkeys(packages):
        try:
            lines.append(f"{package}=={importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return lines


def _yaml(value: Any) -> str:
    # JSON is YAML, and a JSON document needs no library to write; MLflow reads it as any other YAML.
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def write_environment(folder: Path, requirements: list[str]) -> None:
    """`requirements.txt`, `python_env.yaml` and `conda.yaml`."""
    python = platform.python_version()
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    environment = {"python": python, "build_dependencies": ["pip", "setuptools", "wheel"], "dependencies": ["-r requirements.txt"]}
    (folder / "python_env.yaml").write_text(_yaml(environment), encoding="utf-8")
    dependencies = [f"python={python}", "pip", {"pip": requirements}]
    conda = {"name": "mlflow-env", "channels": ["conda-forge"], "dependencies": dependencies}
    (folder / "conda.yaml").write_text(_yaml(conda), encoding="utf-8")


def write_input_example(folder: Path, split: dict[str, Any]) -> dict[str, str]:
    """`input_example.json` and `serving_input_example.json`; returns what `MLmodel` says about them."""
    (folder / "input_example.json").write_text(json.dumps(split), encoding="utf-8")
    (folder / "serving_input_example.json").write_text(json.dumps({"dataframe_split": split}, indent=2), encoding="utf-8")
    return {
        "artifact_path": "input_example.json",
        "pandas_orient": "split",
        "serving_input_path": "serving_input_example.json",
        "type": "dataframe",
    }


def content_digest(folder: Path) -> str:
    """sha256 over the relative paths and the bytes of all files in the folder."""
    digest = hashlib.sha256()
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode("utf-8") + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_mlmodel(folder: Path, signature_document: dict[str, str], example: dict[str, str], metadata: dict[str, Any]) -> None:
    """`MLmodel`, written when all other files are there: its id is a hash of them."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    document = {
        "flavors": {
            "python_function": {
                "code": "code",
                "data": "data",
                "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                "loader_module": LOADER_MODULE,
                "python_version": platform.python_version(),
                "streamable": False,
            }
        },
        "is_signature_from_type_hint": False,
        "metadata": metadata,
        "mlflow_version": importlib.metadata.version("mlflow"),
        "model_size_bytes": size,
        "saved_input_example_info": example,
        "signature": signature_document,
        "type_hint_from_example": False,
    }
    material = content_digest(folder) + json.dumps(document, sort_keys=True)
    document["model_uuid"] = uuid.UUID(hashlib.sha256(material.encode("utf-8")).hexdigest()[:32]).hex
    (folder / "MLmodel").write_text(_yaml(document), encoding="utf-8")
