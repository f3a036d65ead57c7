"""The browser of the playground's tests, and services with a model that writes what a test has it write."""

from __future__ import annotations

from ..playground.conftest import browser, open_page

__all__ = ["browser", "open_page"]
