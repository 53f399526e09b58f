"""Who may lift which halt of a route: the edge its own, a person any."""

from __future__ import annotations

from tests.support.kernel_world import World

from tradetui.domain.control import EDGE_HALT, RouteHealthChanged

SILENT = f"{EDGE_HALT}nothing on the stream for 15 s"
SOUND = f"{EDGE_HALT}sound again"


def test_the_edge_lifts_a_halt_of_its_own() -> None:
    world = World()
    world.event(RouteHealthChanged("main", True, SILENT))
    assert world.state.halted_routes == {"main": SILENT}
    world.event(RouteHealthChanged("main", False, SOUND))
    assert world.state.halted_routes == {}


def test_the_edge_lifts_no_other_halt() -> None:
    world = World()
    world.event(RouteHealthChanged("main", True, "a fill on a closed order"))
    world.event(RouteHealthChanged("main", True, SILENT))
    world.event(RouteHealthChanged("main", False, SOUND))
    assert world.state.halted_routes == {"main": "a fill on a closed order"}


def test_a_halt_of_the_edge_gives_way_to_an_incident() -> None:
    world = World()
    world.event(RouteHealthChanged("main", True, SILENT))
    world.event(RouteHealthChanged("main", True, "a fill on a closed order"))
    world.event(RouteHealthChanged("main", False, SOUND))
    assert world.state.halted_routes == {"main": "a fill on a closed order"}


def test_the_edge_lifts_nothing_where_nothing_is_halted() -> None:
    world = World()
    world.event(RouteHealthChanged("main", False, SOUND))
    assert world.state.halted_routes == {}


def test_a_person_lifts_any_halt() -> None:
    world = World()
    world.event(RouteHealthChanged("main", True, SILENT))
    world.event(RouteHealthChanged("main", False, "looked at by me"))
    assert world.state.halted_routes == {}
