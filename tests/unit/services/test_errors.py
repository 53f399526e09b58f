from __future__ import annotations

from tradetui.services.errors import RefusedError, UserError


def test_an_error_is_its_own_only_problem_unless_it_has_several() -> None:
    assert UserError("a.toml: is empty").problems == ("a.toml: is empty",)
    several = UserError("x (and 1 more problem in it)", ["x", "y"])
    assert (str(several), several.problems) == ("x (and 1 more problem in it)", ("x", "y"))
    assert RefusedError("not built yet").problems == ("not built yet",)
