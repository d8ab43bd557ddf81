"""Checks a candidate's parameters by name, so that a typing error never trains a model with defaults in silence."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping

from .errors import BadInput

# What Millrace decides for every trainer, and where a person decides it instead.
OWNED = {
    "n_jobs": "threads follow from the candidate's resources",
    "nthread": "threads follow from the candidate's resources",
    "num_threads": "threads follow from the candidate's resources",
    "thread_count": "threads follow from the candidate's resources",
    "random_state": "the seed is the pipeline's",
    "seed": "the seed is the pipeline's",
    "random_seed": "the seed is the pipeline's",
    "objective": "it follows from the task",
    "loss_function": "it follows from the task",
    "verbose": "progress is reported by Millrace",
}
# Words with their apostrophes, hashtags, mentions, and runs of other signs: on tweets, emoticons and exclamation marks carry sentiment.
TOKENS = r"(?u)[#@]?\b\w[\w']*|[!?.]+|[^\w\s]{1,3}"
TFIDF_DEFAULTS: dict[str, Any] = {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True, "strip_accents": "unicode", "token_pattern": TOKENS}
# Below so many rows a term that occurs once is no rarity, and `min_df: 2` could leave no term at all.
FEW_ROWS = 1000
TFIDF_NAMES = (
    "analyzer",
    "binary",
    "characters",
    "lowercase",
    "max_df",
    "max_features",
    "min_df",
    "ngram_range",
    "norm",
    "smooth_idf",
    "stop_words",
    "strip_accents",
    "sublinear_tf",
    "token_pattern",
    "use_idf",
)
COMMON_NAMES = ("class_weight", "max_categories", "tfidf")


@dataclass(frozen=True)
class Parameters:
    """A candidate's parameters, told apart by who takes them."""

    class_weight: Any = None
    max_categories: int = 50
    tfidf: dict[str, Any] = field(default_factory=dict)
    library: dict[str, Any] = field(default_factory=dict)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` with the nearest known name, or nothing where none is near."""
    names = list(known)
    # A slip of the finger first, then another ending (`ngrams` for `ngram_range`), then anything alike.
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    near = near or [other for other in names if len(name) > 4 and other[:5] == name[:5]] or difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else ""


def refuse_unknown(given: Iterable[str], known: Iterable[str], place: str) -> None:
    """Raises BadInput for the first name that is not known, with the nearest known one."""
    names = sorted(set(known))
    for name in given:
        if name in names:
            continue
        if name in OWNED:
            raise BadInput(f"{place}: `{name}` cannot be set: {OWNED[name]}.")
        hint = nearest(name, names) or f"; known are {', '.join(names)}"
        raise BadInput(f"{place}: unknown parameter `{name}`{hint}")


def _tfidf(given: Any, defaults: Mapping[str, Any], place: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadInput(f"{place}: `tfidf` is an object such as {{ngram_range: [1, 2], min_df: 2}}, found {given!r}.")
    refuse_unknown(given, TFIDF_NAMES, f"{place}: tfidf")
    settings = {**defaults, **given}
    for name in ("ngram_range", "characters"):
        span = settings.get(name)
        if span is None and name == "characters":
            continue
        if not (isinstance(span, (list, tuple)) and len(span) == 2 and all(isinstance(n, int) for n in span) and 1 <= span[0] <= span[1]):
            raise BadInput(f"{place}: tfidf: `{name}` is [shortest, longest], for example [1, 2], found {span!r}.")
        settings[name] = tuple(span)
    if settings.get("analyzer", "word") != "word" and "token_pattern" not in given:
        settings.pop("token_pattern")
    return settings


def parse_parameters(
    given: Mapping[str, Any],
    known: Iterable[str],
    trainer: str,
    tfidf: Mapping[str, Any] | None = None,
) -> Parameters:
    """Splits and checks `params`. `known` are the library's own names; `tfidf` the trainer's defaults for text. Raises BadInput."""
    place = f"params of {trainer}"
    allowed = {name for name in known if name not in OWNED} | set(COMMON_NAMES)
    refuse_unknown(given, allowed, place)
    most = given.get("max_categories", 50)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise BadInput(f"{place}: `max_categories` is a whole number from 1, found {most!r}.")
    return Parameters(
        class_weight=given.get("class_weight"),
        max_categories=most,
        tfidf=_tfidf(given.get("tfidf", {}), {**TFIDF_DEFAULTS, **(tfidf or {})}, place),
        library={name: value for name, value in given.items() if name not in COMMON_NAMES},
    )
