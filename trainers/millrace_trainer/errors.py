"""The errors that a trainer raises on purpose."""

BAD_INPUT_EXIT_CODE = 64


class BadInput(Exception):
    """The input can never be trained on or scored as it is: the job ends with exit code 64 and is not tried again.

    The message is written for people: what is wrong, where, and what to do about it.
    """

    code = "BAD_INPUT"


class FeatureCodeFailed(BadInput):
    """The user's function that builds a table raised an error, or returned what is no table. Millrace knows it by this code."""

    code = "FEATURE_CODE_FAILED"
