"""The user's functions: `fit(frame, labels, params) -> estimator`, `build(tables, params) -> table`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any, Callable

from .errors import BadInput
from .parameters import nearest


def _module_name(file: str) -> str:
    path = Path(file)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".py":
        raise BadInput(f"The function must be in a Python file inside the code folder, found `{file}`.")
    name = ".".join(path.with_suffix("").parts)
    if not all(part.isidentifier() for part in name.split(".")):
        raise BadInput(f"`{file}` cannot be imported: its name must be a Python identifier, because the model imports it again.")
    if name.split(".")[0] in ("millrace_model", "millrace_trainer") or name in sys.stdlib_module_names:
        raise BadInput(f"`{file}` would hide the module `{name}`; give the file another name.")
    return name


def load_function(directory: Path, file: str, function: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """The user's function from the job's code. Raises BadInput where the file, the function or a package it imports is missing, or it takes other arguments."""
    code = directory / "code"
    name = _module_name(file)
    if not (code / file).is_file():
        raise BadInput(f"The file `{file}` is not in the code folder.")
    sys.path.insert(0, str(code))
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise BadInput(f"`{file}` imports `{error.name}`, which is not installed; add it to the requirements.") from error
    except SyntaxError as error:
        raise BadInput(f"`{file}`, line {error.lineno}: {error.msg}.") from error
    found = getattr(module, function, None)
    if not callable(found):
        functions = [item for item in vars(module) if inspect.isfunction(vars(module)[item])]
        raise BadInput(f"`{file}` has no function `{function}`{nearest(function, functions) or f'; it has {functions}'}")
    try:
        inspect.signature(found).bind(*[None] * len(arguments))
    except TypeError as error:
        raise BadInput(f"`{file}:{function}` must accept ({', '.join(arguments)}): {error}.") from None
    return found


def refuse_unless_predicting(estimator: Any, place: str) -> None:
    """Raises BadInput where the estimator has none of the methods that scores are read from."""
    if not any(callable(getattr(estimator, method, None)) for method in ("predict_proba", "decision_function", "predict")):
        raise BadInput(f"{place} returned {type(estimator).__name__}, which has neither `predict_proba` nor `decision_function` nor `predict`.")
