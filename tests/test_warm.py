"""The warm process of a preview: what it keeps between builds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from recount.warm import Warm


def drawing() -> set[int]:
    """The processes that draw charts on this machine."""
    told = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in told.splitlines() if line.endswith("-m recount.drawing")}


def built(warm: Warm, root: Path) -> bool:
    """Whether a build that has to draw every chart succeeds."""
    shutil.rmtree(root / ".recount" / "executed", ignore_errors=True)
    told = list(warm.build())  # to its end, or the next build would hear the rest
    return any(message.get("done") for message in told)


@pytest.mark.slow
def test_the_process_that_draws_stays_and_is_replaced_when_it_ends(sample: Path) -> None:
    """Two builds draw with one process; one that was killed costs no build."""
    others = drawing()
    with Warm(sample) as warm:
        assert built(warm, sample)
        [first] = drawing() - others
        assert built(warm, sample)
        assert drawing() - others == {first}
        os.kill(first, signal.SIGKILL)
        assert built(warm, sample)
        assert first not in drawing()
        assert built(warm, sample)
    # It ends by itself, when it has drawn what it is at and nobody can ask it any more.
    until = time.monotonic() + 10
    while drawing() - others and time.monotonic() < until:
        time.sleep(0.05)
    assert not drawing() - others
