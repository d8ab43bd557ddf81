"""Hunts: a second run of the same job that gives other predictions or another model, in a process with another hash seed."""

import hashlib
import importlib.util

import pytest
from conftest import customer_job, run_trainer, text_job

TRAINERS = ["sklearn/logistic-regression", "sklearn/linear-svm", "sklearn/random-forest", "xgboost", "lightgbm"]
TRAINERS += ["catboost"] if importlib.util.find_spec("catboost") else []


def digest(folder):
    parts = sorted(path for path in folder.rglob("*") if path.is_file())
    assert parts and not any("__pycache__" in path.parts for path in parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in parts}


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("make", [customer_job, text_job])
def test_two_runs_are_the_same_bytes(tmp_path, trainer, make):
    jobs = [make(tmp_path / name, trainer) for name in ("first", "second")]
    for seed, job in enumerate(jobs):
        done = run_trainer("train", job.path, PYTHONHASHSEED=str(seed))
        assert done.returncode == 0, done.stderr
    first, second = ((job.path / "out" / "predictions.parquet").read_bytes() for job in jobs)
    assert first == second
    assert digest(jobs[0].model) == digest(jobs[1].model)


def test_another_seed_gives_another_forest(tmp_path):
    jobs = [customer_job(tmp_path / str(seed), "sklearn/random-forest", seed=seed) for seed in (1, 2)]
    for job in jobs:
        assert run_trainer("train", job.path).returncode == 0
    assert digest(jobs[0].model)["data/estimator.pkl"] != digest(jobs[1].model)["data/estimator.pkl"]
