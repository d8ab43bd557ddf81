"""Print, as JSON, what MLflow's own Python client sees: the independent reader for the tests of the TypeScript client."""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient

uri, experiment_id, model_name = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = MlflowClient()


def metric_of(metric):
    return {
        "key": metric.key,
        "value": repr(float(metric.value)),
        "timestamp": metric.timestamp,
        "step": metric.step,
        "model_id": metric.model_id,
        "dataset": [metric.dataset_name, metric.dataset_digest],
        "run_id": metric.run_id,
    }


def files_of(artifact_uri):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(mlflow.artifacts.download_artifacts(artifact_uri, dst_path=folder))
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            # The Python client adds this one to what it downloads.
            if path.is_file() and path.name != "registered_model_meta"
        }


def run_of(run):
    histories = {key: [metric_of(m) for m in client.get_metric_history(run.info.run_id, key)] for key in run.data.metrics}
    return {
        "id": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "start": run.info.start_time,
        "end": run.info.end_time,
        "parent": run.data.tags.get("mlflow.parentRunId"),
        "tags": run.data.tags,
        "params": run.data.params,
        "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
        "histories": histories,
        "datasets": [
            {
                "name": item.dataset.name,
                "digest": item.dataset.digest,
                "source_type": item.dataset.source_type,
                "source": item.dataset.source,
                "schema": item.dataset.schema,
                "profile": item.dataset.profile,
                "tags": {tag.key: tag.value for tag in item.tags},
            }
            for item in run.inputs.dataset_inputs
        ],
        "model_inputs": [item.model_id for item in run.inputs.model_inputs],
        "model_outputs": [[item.model_id, item.step] for item in run.outputs.model_outputs],
        "files": files_of(run.info.artifact_uri) if client.list_artifacts(run.info.run_id) else {},
    }


def model_of(model):
    files = client.list_logged_model_artifacts(model.model_id)
    return {
        "id": model.model_id,
        "name": model.name,
        "type": model.model_type,
        "status": str(model.status),
        "source_run": model.source_run_id,
        "tags": model.tags,
        "params": model.params,
        "metrics": [metric_of(metric) for metric in model.metrics or []],
        "files": files_of(f"models:/{model.model_id}") if files else {},
    }


def version_of(name, version):
    found = client.get_model_version(name, version)
    return {
        "version": str(found.version),
        "source": found.source,
        "run_id": found.run_id,
        "tags": found.tags,
        "aliases": list(found.aliases),
        "description": found.description,
    }


registered = client.get_registered_model(model_name)
print(
    json.dumps(
        {
            "experiment": {
                "name": client.get_experiment(experiment_id).name,
                "tags": client.get_experiment(experiment_id).tags,
            },
            "runs": [run_of(run) for run in client.search_runs([experiment_id])],
            "models": [model_of(model) for model in client.search_logged_models([experiment_id])],
            "registered": {
                "description": registered.description,
                "tags": registered.tags,
                "aliases": {alias: int(version) for alias, version in registered.aliases.items()},
                "versions": sorted(
                    (version_of(model_name, v.version) for v in client.search_model_versions(f"name = '{model_name}'")),
                    key=lambda v: int(v["version"]),
                ),
            },
        }
    )
)
