"""A progress bar in the notebook or the terminal, with the remaining time."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Seconds before a bar shows: most questions are answered sooner.
DELAY = 2.0
# Seconds between updates.
INTERVAL = 0.1


@contextmanager
def progress_bar(title: str, total: float, unit: str, shown: bool, begun: float = 0) -> Iterator[Callable[[float, str], None]]:
    """A bar while the block runs, which leaves nothing behind.

    Parameters
    ----------
    title, unit
        What is being done, and what is counted; shares of the work are counted in ``"%"``.
    total
        How much there is to do.
    shown
        Whether to show anything at all.
    begun
        How much was done before; the remaining time is estimated from what is done from here on.

    Yields
    ------
    callable
        Call it with how much is done by now, and a word on what is being done.
    """
    if not shown:
        yield lambda done, detail: None
        return
    from tqdm.auto import tqdm  # it asks IPython whether there is a notebook: not at the import of the package

    class Bar(tqdm):
        monitor_interval = 0  # no monitor thread, which would outlive the bar: each step updates it

    times = "[{elapsed} gone, {remaining} left]"
    counted = "{percentage:3.0f}%" if unit == "%" else f"{{n_fmt}} of {{total_fmt}} {unit}"
    settings = {"delay": DELAY, "mininterval": INTERVAL, "miniters": 0, "leave": False}
    with Bar(total=total, initial=begun, desc=title, bar_format=f"{{desc}}: {counted} |{{bar}}| {times}", **settings) as bar:

        def update(done: float, detail: str) -> None:
            if detail:
                bar.set_description_str(f"{title}, {detail}", refresh=False)
            bar.update(done - bar.n)

        # The first step may take longest: the model is traced in it. A notebook shows what a thread draws by its context.
        waited = threading.Timer(DELAY, contextvars.copy_context().run, [bar.refresh])
        waited.start()
        try:
            yield update
        finally:
            waited.cancel()
            waited.join()
