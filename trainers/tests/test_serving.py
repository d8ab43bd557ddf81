"""Hunts: a server that answers otherwise than the evaluated model, dies of a bad request, or does not stop when told to."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys

import pandas
import pytest
from conftest import TRAINERS, run_trainer

LIMIT = 200_000


class Served:
    """A server process and what it has printed."""

    def __init__(self, model, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(TRAINERS)}
        command = [sys.executable, "-m", "millrace_trainer", "serve", "--model", str(model), "--port", "0", *arguments]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())

    def ask(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.ready["port"], timeout=60)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def invoke(self, body, kind="application/json"):
        status, answer, _ = self.ask("POST", "/invocations", body, kind)
        return status, json.loads(answer)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        rest = self.process.stdout.read()
        return self.process.wait(timeout=30), [json.loads(line) for line in rest.splitlines()]


@pytest.fixture(scope="module")
def served(trained_customers):
    server = Served(trained_customers.model, "--threshold", "0.3", "--model-name", "churn", "--model-version", "7", "--max-body-bytes", str(LIMIT))
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def records(trained_customers):
    rows = pandas.read_parquet(trained_customers.path / "validation.parquet").drop(columns="__row_id")
    listed = rows.astype(object).where(rows.notna(), None).to_dict("records")
    for record in listed:
        for name in ("joined", "seen_at"):
            record[name] = None if record[name] is None else str(record[name])
    return listed


@pytest.fixture(scope="module")
def expected(trained_customers):
    return list(trained_customers.predictions()["score"])


def test_readiness_says_where_and_what(served):
    line = served.ready
    assert line["event"] == "ready" and line["host"] == "127.0.0.1" and line["pid"] == served.process.pid
    assert line["model"] == "churn" and line["version"] == "7" and line["threshold"] == 0.3


def test_health_and_version(served):
    import mlflow

    assert served.ask("GET", "/ping")[0] == 200 and served.ask("GET", "/health")[0] == 200
    assert served.ask("GET", "/version")[1].decode() == mlflow.__version__
    status, body, headers = served.ask("GET", "/model")
    assert status == 200 and json.loads(body)["version"] == "7"
    assert headers["x-millrace-model"] == "churn" and headers.get_all("x-millrace-model-version") == ["7"]


def test_every_form_of_request_gives_the_evaluated_scores(served, records, expected):
    names = list(records[0])
    split = {"columns": names, "data": [[record[name] for name in names] for record in records]}
    for body in ({"dataframe_records": records}, {"dataframe_split": split}):
        status, answer = served.invoke(body)
        assert status == 200 and [row["score"] for row in answer["predictions"]] == expected
    # MLflow's parser for `inputs` and `instances` keeps no missing numbers and no dates apart: whole rows only.
    whole = [place for place, record in enumerate(records) if None not in record.values()]
    assert len(whole) > 10
    for body in ({"inputs": {name: [records[place][name] for place in whole] for name in names}}, {"instances": [records[place] for place in whole]}):
        status, answer = served.invoke(body)
        assert status == 200, answer
        assert [row["score"] for row in answer["predictions"]] == [expected[place] for place in whole]


def test_csv_with_dates_gaps_and_truth_values(served, records, expected):
    table = pandas.DataFrame(records).to_csv(index=False).encode()
    for kind in ("text/csv", "text/csv; charset=utf-8"):
        status, answer = served.invoke(b"\xef\xbb\xbf" + table, kind)
        assert status == 200, answer
        assert [row["score"] for row in answer["predictions"]] == expected


def test_the_threshold_given_at_start_decides_unless_the_request_says_otherwise(served, records, expected):
    _, answer = served.invoke({"dataframe_records": records})
    assert [row["prediction"] for row in answer["predictions"]] == ["leaves" if score >= 0.3 else "stays" for score in expected]
    _, answer = served.invoke({"dataframe_records": records, "params": {"threshold": 0.9}})
    assert [row["prediction"] for row in answer["predictions"]] == ["leaves" if score >= 0.9 else "stays" for score in expected]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ({"rows": []}, "application/json", 400),
        ({"dataframe_records": [{"age": 1}]}, "application/json", 400),
        ({"dataframe_records": [{"age": "old"}]}, "application/json", 400),
        (b"", "text/csv", 400),
        (b"a,b\n1,2\n", "text/csv", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b"{}", None, 415),
        (b"x" * (LIMIT + 1), "application/json", 413),
        (b"x" * (LIMIT * 20), "application/json", 413),
    ],
)
def test_a_bad_request_is_answered_in_json_and_does_no_harm(served, records, expected, body, kind, status):
    try:
        answered, document = served.invoke(body, kind)
        assert answered == status and document["error_code"] and document["message"]
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413, "only an endless body may cost the connection"
    assert served.invoke({"dataframe_records": records[:1]})[1]["predictions"][0]["score"] == expected[0]


def test_a_fraction_for_an_integer_is_the_callers_error(served, records):
    status, answer = served.invoke({"dataframe_records": [{**records[0], "age": 1.5}]})
    assert status == 400 and answer["error_code"] == "BAD_REQUEST"


def test_another_content_type_is_415(served):
    assert served.ask("POST", "/invocations", b"<x/>", "application/xml")[0] == 415


def test_requests_at_once_do_not_mix(served, records, expected):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda place: served.invoke({"dataframe_records": [records[place]]})[1], range(len(records))))
    assert [answer["predictions"][0]["score"] for answer in answers] == expected


def test_it_stops_when_told_to(trained_customers):
    server = Served(trained_customers.model)
    code, lines = server.stop()
    assert code == 0 and lines[-1]["event"] == "stopped" and lines[-1]["port"] == server.ready["port"]
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.ready["port"])) != 0


def test_a_port_that_is_taken_a_model_that_is_none_and_a_threshold_without_meaning(trained_customers, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_trainer("serve", "--model", trained_customers.model, "--port", taken.getsockname()[1])
        assert done.returncode == 1 and "in use" in done.stderr
    done = run_trainer("serve", "--model", tmp_path, "--port", 0)
    assert done.returncode == 64 and "no MLflow model" in done.stderr
    done = run_trainer("serve", "--model", trained_customers.model, "--port", 0, "--threshold", "1.5")
    assert done.returncode == 64 and "between 0 and 1" in done.stderr
