"""Overflight runs a cooperative aerial observation regime, the Treaty on Open Skies first."""

__version__ = "0.1.0"
