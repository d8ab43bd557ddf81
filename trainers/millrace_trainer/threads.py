"""Keeps every numeric library within the threads that a job was given."""

import os

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "ARROW_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def bound_threads(threads: int) -> None:
    """Must run before numpy is imported: the libraries read these variables once, when they are loaded."""
    for variable in VARIABLES:
        os.environ[variable] = str(threads)
    # Candidates share the cores: a thread that spins while it waits takes the time that another candidate would use.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
