"""A trainer that behaves as a test says. Standard library and DuckDB only, so that it starts in a tenth of a second.

    python trainer.py NOTES

NOTES is a folder outside the job. Each start appends a line to NOTES/starts-CANDIDATE.jsonl, which is how the tests count trainings. The candidate's
parameters say what happens:

    behave   work (default), refuse, endless, hungry, no-result, foreign-rows, nan, too-few
    fails    the first so many starts of this candidate end with exit code 1
    mendable while the file NOTES/broken-CANDIDATE exists, the training ends with exit code 64
    fragile  while the file NOTES/broken-model exists, the model that this leaves cannot be loaded
    hold     waits for the file NOTES/go before it goes on
    weight   share of the column `signal` in the score (0.8); the rest is the column `noise`, which at 1 is not looked at
"""

import json
import os
import sys
import time

import duckdb

MODEL = '''
"""A model that scores a row by two of its columns."""

import pathlib


def _load_pyfunc(path):
    folder = pathlib.Path(path)
    if pathlib.Path((folder / "obstacle").read_text()).is_file():
        raise ModuleNotFoundError("something that the model needs is not here")
    return TwoColumns(float((folder / "weight").read_text()))


class TwoColumns:
    def __init__(self, weight):
        self.weight = weight

    def predict(self, frame):
        score = self.weight * frame["signal"]
        if self.weight < 1:
            score += (1 - self.weight) * frame["noise"]
        return score.to_frame("score")
'''


def main(notes):
    job = os.environ["MILLRACE_JOB_DIR"]
    with open(os.path.join(job, "input.json"), encoding="utf-8") as file:
        task = json.load(file)
    name, params = task["candidate"], task["params"]
    begin(job, notes, name, params)
    behave = params.get("behave", "work")
    out = os.path.join(job, "out")
    if behave == "refuse":
        refuse(out, "these rows can never be learnt from")
    if behave == "endless":
        while True:
            time.sleep(0.1)
    if behave == "hungry":
        eat()
    predicted = predict(job, float(params.get("weight", 0.8)), behave)
    if behave == "no-result":
        return
    save_model(out, float(params.get("weight", 0.8)), os.path.join(notes, "broken-model") if params.get("fragile") else "")
    with open(os.path.join(out, "result.json"), "w", encoding="utf-8") as file:
        json.dump({"contract": 1, "status": "succeeded", "rows": {"predicted": predicted}, "model": True}, file)


def begin(job, notes, name, params):
    starts = os.path.join(notes, f"starts-{name}.jsonl")
    with open(starts, "a", encoding="utf-8") as file:
        file.write(json.dumps({"candidate": name, "pid": os.getpid(), "job": job}) + "\n")
    with open(starts, encoding="utf-8") as file:
        mine = len(file.readlines())
    print(f"start {mine} of {name}", flush=True)
    if mine <= params.get("fails", 0):
        sys.exit(1)
    while params.get("hold") and not os.path.exists(os.path.join(notes, "go")):
        time.sleep(0.05)
    if params.get("mendable") and os.path.exists(os.path.join(notes, f"broken-{name}")):
        refuse(os.path.join(job, "out"), "the cause of the failure is still there")


def refuse(out, message):
    with open(os.path.join(out, "error.json"), "w", encoding="utf-8") as file:
        json.dump({"message": message}, file)
    sys.exit(64)


def eat():
    held = []
    while True:
        # Zeros would be pages that are promised and never given.
        held.append(bytearray(os.urandom(2**20) * 8))
        time.sleep(0.02)


def predict(job, weight, behave):
    rows = "read_parquet('validation.parquet')"
    score = f"{weight} * signal + (1 - {weight}) * noise" if weight < 1 else "signal"
    if behave == "nan":
        score = f"CASE WHEN row_number() OVER () = 1 THEN 'NaN'::DOUBLE ELSE {score} END"
    row_id = "__row_id || CASE WHEN row_number() OVER () = 1 THEN '-foreign' ELSE '' END" if behave == "foreign-rows" else "__row_id"
    less = 5 if behave == "too-few" else 0
    os.chdir(job)
    with duckdb.connect() as connection:
        asked = connection.sql(f"SELECT count(*) FROM {rows}").fetchone()[0]
        select = f"SELECT {row_id} AS __row_id, {score} AS score FROM {rows} LIMIT {asked - less}"
        connection.sql(f"COPY ({select}) TO 'out/predictions.parquet' (FORMAT parquet)")
    return asked - less


def save_model(out, weight, obstacle):
    model = os.path.join(out, "model")
    os.makedirs(os.path.join(model, "code"))
    os.makedirs(os.path.join(model, "data"))
    write(model, "code/two_columns.py", MODEL)
    write(model, "data/weight", str(weight))
    write(model, "data/obstacle", obstacle)
    columns = [{"type": "double", "name": name, "required": True} for name in ("signal", "noise") if name == "signal" or weight < 1]
    flavor = {"loader_module": "two_columns", "code": "code", "data": "data"}
    signature = {"inputs": json.dumps(columns), "outputs": json.dumps([{"type": "double", "name": "score", "required": True}])}
    # JSON is YAML.
    write(model, "MLmodel", json.dumps({"flavors": {"python_function": flavor}, "signature": signature}))


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1])
