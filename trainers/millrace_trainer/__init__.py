"""Millrace's trainers: what runs inside a training, scoring or serving process. Importing this package imports nothing heavy."""

__version__ = "0.1.0"
