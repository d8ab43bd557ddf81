"""The code that travels inside a Millrace model (an MLflow `python_function` model whose loader module this is).

A model carries its own copy, so that it answers the same however Millrace changes later. It needs numpy, pandas, pyarrow, duckdb and the
library of its estimator, and nothing of `millrace_trainer`.
"""


def _load_pyfunc(data_path):
    """MLflow's entry point: the model whose parts lie in `data_path`."""
    from .predictor import PackedModel

    return PackedModel.load(data_path)
