"""`out/progress.jsonl`: one line for each piece of news, appended whole."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path
from typing import Mapping

from .output import output_directory


class ProgressWriter:
    """Appends lines of progress. A line is one write, so a reader never sees two lines mixed."""

    def __init__(self, directory: Path):
        self._path = output_directory(directory) / "progress.jsonl"
        self._last_step = 0.0
        self._last_printed = -math.inf

    def phase(self, fraction: float, message: str) -> None:
        """News without a step of its own: steps never run backwards, so that they can be the steps of a metric's history."""
        self.report(self._last_step, fraction, message=message)

    def report(
        self,
        step: float,
        fraction: float | None = None,
        metrics: Mapping[str, float] | None = None,
        message: str | None = None,
    ) -> None:
        """`fraction` is the share of the work done (0 to 1); metrics that are not finite are left out."""
        self._last_step = max(self._last_step, step)
        line: dict[str, object] = {"step": self._last_step, "at": int(time.time() * 1000)}
        if fraction is not None:
            line["fraction"] = round(min(1.0, max(0.0, float(fraction))), 4)
        finite = {name: float(value) for name, value in (metrics or {}).items() if math.isfinite(value)}
        if finite:
            line["metrics"] = finite
        if message is not None:
            line["message"] = message
        self._print(message, fraction, finite)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, (json.dumps(line) + "\n").encode("utf-8"))
        finally:
            os.close(descriptor)

    def _print(self, message: str | None, fraction: float | None, metrics: Mapping[str, float]) -> None:
        """The same for a person who reads the job's log: every message, and metrics at most once a second."""
        now = time.monotonic()
        if message is None and (not metrics or now - self._last_printed < 1):
            return
        self._last_printed = now
        share = "" if fraction is None else f"{fraction:4.0%}  "
        figures = "  ".join(f"{name} {value:.6g}" for name, value in metrics.items())
        words = message if message is not None else f"step {self._last_step:g}"
        print(f"{time.strftime('%H:%M:%S')}  {share}{words}{'  ' if figures else ''}{figures}", flush=True)
