"""Which config and which state folder a command works on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tradetui.bootstrap.profile.places import demo_state, found_config, own_strategies, user_state
from tradetui.cli.wiring import Place, RunOptions
from tradetui.config.errors import ConfigError
from tradetui.config.finding import Found
from tradetui.config.loading import LoadedConfig, load_config
from tradetui.config.models import Config
from tradetui.config.resources import shipped_config, strategies_folder
from tradetui.services.errors import UserError


@dataclass(frozen=True, slots=True)
class Profile:
    """A checked config, its state folder and its strategy folders."""

    loaded: LoadedConfig
    state: Path
    strategy_folders: tuple[Path, ...]

    @property
    def config(self) -> Config:
        """The checked config."""
        return self.loaded.config


def profile_for(options: RunOptions) -> Profile:
    """Return the profile that a run works on; raises UserError for a config that is wrong."""
    if not options.demo:
        return profile_at(options.place)
    found = Found(shipped_config("demo"), "shipped for the demo")
    if options.place.config is not None:
        found = Found(options.place.config, "named by --config")
    loaded = loaded_or_refused(lambda: load_config(found))
    return build(loaded, options.place.state or demo_state())


def profile_at(place: Place) -> Profile:
    """Return the profile of a place: its config as found, its state folder as named or derived."""
    loaded = loaded_or_refused(lambda: load_config(found_config(place)))
    section = loaded.config.profile
    named = place.state or (Path(section.state) if section.state else None)
    return build(loaded, named or user_state() / section.name)


def loaded_or_refused(load: Callable[[], LoadedConfig]) -> LoadedConfig:
    """Load, with a person's mistakes as UserError."""
    try:
        return load()
    except ConfigError as error:
        raise UserError(str(error), error.problems) from error


def build(loaded: LoadedConfig, state: Path) -> Profile:
    """Put a profile together; raises UserError for a strategy folder that is named and missing."""
    section = loaded.config.strategies
    folders = [Path(name).expanduser() for name in section.folders]
    for folder in folders:
        if not folder.is_dir():
            raise UserError(
                f"{loaded.found.path}: strategies.folders: {folder} is not a folder; "
                "make it or take it out"
            )
    # One's own folder counts though it is not there yet: it may come while the engine runs.
    folders.append(own_strategies())
    if section.samples:
        folders.append(strategies_folder())
    return Profile(loaded, state.expanduser(), tuple(dict.fromkeys(folders)))


def is_throwaway(options: RunOptions) -> bool:
    """Tell whether a run keeps nothing: it says so, or it is a replay of named files without a
    folder of its own.
    """
    return options.is_throwaway or (bool(options.replay) and options.place.state is None)


@contextmanager
def state_folder(profile: Profile, options: RunOptions) -> Iterator[Path]:
    """Yield the state folder of a run; that of a throwaway run goes with it."""
    if not is_throwaway(options):
        yield profile.state
        return
    with tempfile.TemporaryDirectory(prefix="tradetui-") as folder:
        yield Path(folder) / "state"
