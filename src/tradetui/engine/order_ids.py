"""The client order ids of one run: each is given once, also across restarts."""

from __future__ import annotations

from tradetui.domain.ids import ClientOrderId, client_order_id


class OrderIds:
    """Counts the orders of a run, whoever asks for them."""

    __slots__ = ("_counter", "_run_code")

    def __init__(self, run_code: str) -> None:
        self._run_code = run_code
        self._counter = 0

    def next_id(self) -> ClientOrderId:
        """Return an id that was never given."""
        self._counter += 1
        return client_order_id(self._run_code, self._counter)

    def go_on_after(self, counter: int) -> None:
        """Count on from ``counter``: one above it is the next."""
        self._counter = counter
