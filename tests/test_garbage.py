"""Garbage is sought again where it was sought before."""

from __future__ import annotations

import gc

import pytest

from recount import garbage


def test_garbage_is_sought_again_after_what_went_wrong() -> None:
    """And not before the outermost has ended."""
    assert gc.isenabled()
    with garbage.unsought():
        with pytest.raises(ValueError, match="none"), garbage.unsought():
            int("none")
        assert not gc.isenabled()
    assert gc.isenabled()
