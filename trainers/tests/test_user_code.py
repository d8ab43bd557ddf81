"""Hunts: a user's own code that trains here but cannot be served elsewhere, or that fails without a reason."""

import json
import textwrap

import pandas
import pytest
from conftest import customer_job, run_python, run_trainer, TRAINERS
from sklearn.metrics import roc_auc_score

TRAIN_PY = """
import threading
from shapes import Centred

def fit(frame, labels, params):
    assert list(frame.columns) == ['age', 'spend', 'member', 'plan', 'joined', 'seen_at', 'spend_per_year', 'age_group'], list(frame.columns)
    assert frame['age'].dtype == 'float64' and frame['member'].dtype == 'float64' and frame['plan'].dtype == object
    assert str(frame['joined'].dtype) == 'datetime64[us]'
    assert frame.index.equals(labels.index)
    return Centred(params.get('power', 1.0)).fit(frame, labels)

def nothing(frame, labels, params):
    return None

def two(frame, labels):
    pass

def fails(frame, labels, params):
    raise OSError('the disk is full')

def unpicklable(frame, labels, params):
    estimator = Centred(1.0).fit(frame, labels)
    estimator.lock = threading.Lock()
    return estimator

def label_names(frame, labels, params):
    class Named:
        pass
    return Named()
"""

SHAPES_PY = """
import numpy

class Centred:
    def __init__(self, power):
        self.power = power

    def fit(self, frame, labels):
        spend = frame['spend'].fillna(0)
        self.middle = (spend[labels == 1].mean() + spend[labels == 0].mean()) / 2
        return self

    def decision_function(self, frame):
        return (frame['spend'].fillna(0).to_numpy() - self.middle) / 50 * self.power + frame['member'].fillna(0.5).to_numpy()
"""

SCRIPT = """
import sys
from millrace_trainer import job

task = job.load()
assert task.params == {'depth': 3} and task.seed == 42 and len(task.validation_row_ids) == len(task.validation)
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from keep import Keep

job.progress(1, 0.5, loss=0.25, message='half way')
model = make_pipeline(Keep(['age', 'spend', 'member']), HistGradientBoostingClassifier(max_depth=task.params['depth'], random_state=task.seed))
model.fit(task.train, task.labels)
scores = model.predict_proba(task.validation)[:, 1]
if sys.argv[1] == 'lie':
    scores = scores / 2
if sys.argv[1] == 'scores only':
    job.finish(scores=scores)
else:
    job.finish(estimator=model, scores=scores, metrics={'depth': 3})
"""

KEEP_PY = """
from sklearn.base import BaseEstimator, TransformerMixin

class Keep(TransformerMixin, BaseEstimator):
    def __init__(self, names):
        self.names = names
    def fit(self, frame, labels=None):
        self.fitted_ = True
        return self
    def transform(self, frame):
        return frame[self.names]
"""

PREDICT = """
import sys, mlflow.pyfunc, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
rows = pandas.read_parquet(sys.argv[2])
rows['joined'] = pandas.to_datetime(rows['joined'])
for name in ('age', 'spend', 'member'):
    rows[name] = rows[name].astype('float64')
model.predict(rows).to_parquet(sys.argv[3])
"""


def user_job(path, function="fit", file="train.py", **members):
    job = customer_job(path, {"kind": "python", "file": file, "function": function}, **members)
    code = path / "code"
    code.mkdir()
    (code / "train.py").write_text(TRAIN_PY)
    (code / "shapes.py").write_text(SHAPES_PY)
    (code / "requirements.txt").write_text("# ours\npyyaml>=6\nscikit-learn\n")
    return job


def assert_served_as_evaluated(job):
    """In a fresh process, with neither the job's code folder nor this package on the path."""
    target = job.path / "served.parquet"
    done = run_python("-c", PREDICT, job.model, job.path / "validation.parquet", target)
    assert done.returncode == 0, done.stderr
    assert list(pandas.read_parquet(target)["score"]) == list(job.predictions()["score"])


def test_a_function_of_the_user(tmp_path):
    job = user_job(tmp_path, params={"power": 2.0})
    done = run_trainer("train", job.path)
    assert done.returncode == 0, done.stderr
    assert roc_auc_score(job.truth, job.predictions()["score"]) > 0.75
    assert any(line.startswith("PyYAML==") or line.startswith("pyyaml==") for line in (job.model / "requirements.txt").read_text().splitlines())
    (tmp_path / "code" / "shapes.py").unlink()
    assert_served_as_evaluated(job)


@pytest.mark.parametrize(
    ("function", "file", "words"),
    [
        ("nothing", "train.py", ["returned NoneType"]),
        ("fti", "train.py", ["no function `fti`", "did you mean `fit`"]),
        ("two", "train.py", ["must accept (frame, labels, params)"]),
        ("unpicklable", "train.py", ["cannot be pickled"]),
        ("label_names", "train.py", ["neither `predict_proba`"]),
        ("fit", "gone.py", ["`gone.py` is not in the code folder"]),
        ("fit", "../train.py", ["inside the code folder"]),
        ("fit", "my-train.py", ["must be a Python identifier"]),
        ("fit", "json.py", ["would hide the module `json`"]),
    ],
)
def test_code_that_can_never_work_is_refused(tmp_path, function, file, words):
    job = user_job(tmp_path, function, file)
    done = run_trainer("train", job.path)
    assert done.returncode == 64, done.stderr
    for word in words:
        assert word in job.error()


@pytest.mark.parametrize(("source", "words"), [("import no_such_package\n", ["`no_such_package`", "requirements"]), ("def fit(:\n", ["line 1"])])
def test_code_that_does_not_import_is_refused(tmp_path, source, words):
    job = user_job(tmp_path)
    (tmp_path / "code" / "train.py").write_text(source)
    assert run_trainer("train", job.path).returncode == 64
    for word in words:
        assert word in job.error()


def test_an_exception_in_the_users_code_is_a_failure_that_may_be_tried_again(tmp_path):
    job = user_job(tmp_path, "fails")
    done = run_trainer("train", job.path)
    assert done.returncode == 1 and "the disk is full" in done.stderr
    assert not (job.path / "out" / "result.json").exists()


def script_job(path, **members):
    job = customer_job(path, {"kind": "command", "command": ["python", "script.py"]}, **{"params": {"depth": 3}, **members})
    (path / "code").mkdir()
    (path / "code" / "script.py").write_text(SCRIPT)
    (path / "code" / "keep.py").write_text(KEEP_PY)
    return job


def run_script(job, mode):
    return run_python(job.path / "code" / "script.py", mode, MILLRACE_JOB_DIR=str(job.path), PYTHONPATH=str(TRAINERS))


def test_a_script_of_the_user(tmp_path):
    job = script_job(tmp_path)
    done = run_script(job, "honest")
    assert done.returncode == 0, done.stderr
    assert job.result()["metrics"]["depth"] == 3
    assert {"step": 1, "fraction": 0.5, "metrics": {"loss": 0.25}, "message": "half way"}.items() <= job.progress()[0].items()
    assert roc_auc_score(job.truth, job.predictions()["score"]) > 0.8
    assert_served_as_evaluated(job)


@pytest.mark.parametrize(("mode", "words"), [("lie", "not those of the packed model"), ("scores only", "needs an MLflow model")])
def test_a_script_cannot_finish_with_what_its_model_does_not_say(tmp_path, mode, words):
    job = script_job(tmp_path)
    done = run_script(job, mode)
    assert done.returncode == 1 and words in done.stderr
    assert not (tmp_path / "out" / "result.json").exists()


def test_a_script_on_a_bad_job_ends_with_64(tmp_path):
    job = script_job(tmp_path).amend(label="absent")
    done = run_script(job, "honest")
    assert done.returncode == 64 and "`absent`" in done.stderr
    assert "`absent`" in json.loads((tmp_path / "out" / "error.json").read_text())["message"]


def test_a_script_that_leaves_its_own_mlflow_model(tmp_path):
    job = script_job(tmp_path)
    (tmp_path / "code" / "script.py").write_text(
        textwrap.dedent(
            """
            from pathlib import Path
            from millrace_trainer import job
            task = job.load()
            import mlflow.pyfunc
            class Half(mlflow.pyfunc.PythonModel):
                def predict(self, context, model_input, params=None):
                    return [0.5] * len(model_input)
            mlflow.pyfunc.save_model(str(job.directory() / 'out' / 'model'), python_model=Half(), pip_requirements=[])
            job.finish(scores=[0.5] * len(task.validation))
            """
        )
    )
    done = run_script(job, "own")
    assert done.returncode == 0, done.stderr
    assert (job.predictions()["score"] == 0.5).all() and job.result()["model"] is True


LAST_WORDS = """
import atexit, os, pathlib, threading, time

WORDS = pathlib.Path(__file__).parent / 'words.txt'

def say(word):
    with WORDS.open('a') as words:
        words.write(word + ' ')

class Falls:
    def __del__(self, abort=os.abort):
        abort()

falls = Falls()

from concurrent.futures import ThreadPoolExecutor
from joblib import Parallel, delayed

# Executors that nobody shuts down: their threads end by hooks of the interpreter's end.
executor = ThreadPoolExecutor(2)
executor.submit(say, 'executor').result()
Parallel(n_jobs=2, backend='loky')(delayed(abs)(number) for number in (-1, -2))
atexit.register(say, 'atexit')
threading.Thread(target=lambda: (time.sleep(0.5), say('thread'))).start()
"""


def test_a_job_that_has_done_its_work_is_not_failed_by_what_breaks_while_the_interpreter_is_taken_apart(tmp_path):
    # Arrow's threads abort it now and then (apache/arrow issue 34314); an object that aborts when it is torn down stands for them.
    job = user_job(tmp_path)
    train = tmp_path / "code" / "train.py"
    train.write_text(train.read_text() + LAST_WORDS)
    run = run_trainer("train", job.path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "code" / "words.txt").read_text().split() == ["executor", "thread", "atexit"]
