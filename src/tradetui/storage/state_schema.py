"""The schema of ``state.db``: records, histories, kill-switches, layouts, commands."""

from __future__ import annotations

from typing import Final

from tradetui.storage.row_checks import check_sql, line_sql
from tradetui.storage.schema import Migration, Schema

STATE_APPLICATION_ID: Final = 0x54545354
"""``TTST`` in the SQLite header: this is a tradetui state database."""

MAX_CONFIG_LENGTH: Final = 65_536
RESTORED_KEY: Final = "restored"
RESTORED_RUN_KEY: Final = "restored_run"
"""Key in ``meta`` of what the first start after a restore has to say."""

_INSTANCE_COLUMNS_1: Final = (
    "id",
    "strategy_type",
    "account",
    "market",
    "mode",
    "config",
    "revision",
    "config_version",
    "created_time",
    "changed_time",
    "changed_by",
    "deleted_time",
)
_INSTANCE_COLUMNS_3: Final = (*_INSTANCE_COLUMNS_1, "kept_revision")
INSTANCE_COLUMNS: Final = (*_INSTANCE_COLUMNS_3, "config_time", "config_by")
"""The columns of ``instances`` in the order in which the check number reads them.

``kept_revision`` is the revision whose change of mode keeps the entry orders, 0 for none: whatever
changes the row next makes another revision, so that nothing is ever kept by a change that did not
ask for it. ``config_time`` and ``config_by`` say when and by whom the config was set: NULL and
empty where that is not known.
"""

AUDIT_COLUMNS: Final = ("number", "time", "actor", "act", "target", "detail", "done")
MODE_COLUMNS: Final = ("number", "id", "from_mode", "to_mode", "time", "actor")
KILL_COLUMNS: Final = ("scope", "key", "state", "actor", "reason", "time")

_INSTANCE_CHECK_1: Final = check_sql(line_sql(_INSTANCE_COLUMNS_1, "NEW."))
_INSTANCE_CHECK_3: Final = check_sql(line_sql(_INSTANCE_COLUMNS_3, "NEW."))
_INSTANCE_CHECK: Final = check_sql(line_sql(INSTANCE_COLUMNS, "NEW."))
_ROW_CHECK: Final = check_sql(line_sql(INSTANCE_COLUMNS, "instances."))
_KILL_CHECK: Final = check_sql(line_sql(KILL_COLUMNS, "NEW."))


def _history(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the statements that give every row of a history its check number and let none go.

    The number of a row is part of its check and numbers have no gaps, so that a row which is
    missing or in another's place is found too.
    """
    written = ", ".join(columns)
    return (
        f"ALTER TABLE {table} ADD COLUMN check_number INTEGER NOT NULL DEFAULT 0",
        f"UPDATE {table} SET check_number = {check_sql(line_sql(columns, f'{table}.'))}",
        f"""
CREATE TRIGGER {table}_added AFTER INSERT ON {table}
BEGIN
  UPDATE {table} SET check_number = {check_sql(line_sql(columns, "NEW."))}
    WHERE number = NEW.number;
END
""",
        f"""
CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
""",
        f"""
CREATE TRIGGER {table}_final BEFORE UPDATE OF {written} ON {table}
BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
""",
    )


_INSTANCES: Final = f"""
CREATE TABLE instances (
  id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 24 AND id NOT GLOB '*[^a-z0-9_-]*'),
  strategy_type TEXT NOT NULL CHECK (length(strategy_type) BETWEEN 1 AND 64
    AND strategy_type GLOB '[a-z]*' AND strategy_type NOT GLOB '*[^a-z0-9_]*'),
  account TEXT NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
  market TEXT NOT NULL CHECK (length(market) BETWEEN 1 AND 64),
  mode TEXT NOT NULL DEFAULT 'off' CHECK (mode IN ('off', 'observe', 'active')),
  config TEXT NOT NULL DEFAULT '{{}}' CHECK (length(config) <= {MAX_CONFIG_LENGTH}
    AND CASE WHEN json_valid(config) THEN json_type(config) = 'object' ELSE 0 END),
  revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
  config_version INTEGER NOT NULL DEFAULT 1 CHECK (config_version >= 1),
  created_time INTEGER NOT NULL DEFAULT 0,
  changed_time INTEGER NOT NULL DEFAULT 0,
  changed_by TEXT NOT NULL DEFAULT 'outside',
  deleted_time INTEGER,
  check_number INTEGER NOT NULL DEFAULT 0
) STRICT
"""

_NOW: Final = "unixepoch() * 1000000000"

_STATE_1: Final = (
    _INSTANCES,
    """
CREATE TABLE mode_history (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  from_mode TEXT CHECK (from_mode IN ('off', 'observe', 'active')),
  to_mode TEXT NOT NULL CHECK (to_mode IN ('off', 'observe', 'active')),
  time INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT
""",
    "CREATE INDEX mode_history_by_id ON mode_history (id, number)",
    """
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  done INTEGER NOT NULL CHECK (done IN (0, 1))
) STRICT
""",
    """
CREATE TABLE kill_switches (
  scope TEXT NOT NULL CHECK (scope IN ('global', 'execution', 'route', 'strategy', 'instrument')),
  key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('NORMAL', 'REDUCING', 'HALTED')),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  time INTEGER NOT NULL,
  check_number INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, key)
) STRICT
""",
    """
CREATE TABLE layouts (
  name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  body TEXT NOT NULL CHECK (json_valid(body)),
  changed_time INTEGER NOT NULL
) STRICT
""",
    """
CREATE TABLE commands (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  command TEXT NOT NULL CHECK (json_valid(command)),
  done INTEGER CHECK (done IN (0, 1)),
  reply TEXT NOT NULL DEFAULT '',
  done_time INTEGER
) STRICT
""",
    "CREATE INDEX commands_waiting ON commands (number) WHERE done IS NULL",
    "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT",
    """
CREATE TRIGGER instances_identity BEFORE UPDATE ON instances
WHEN NEW.id IS NOT OLD.id OR NEW.strategy_type IS NOT OLD.strategy_type
  OR NEW.account IS NOT OLD.account OR NEW.market IS NOT OLD.market
  OR NEW.created_time IS NOT OLD.created_time
BEGIN SELECT RAISE(ABORT, 'the identity of an instance never changes'); END
""",
    """
CREATE TRIGGER instances_activation BEFORE UPDATE OF mode ON instances
WHEN NEW.mode = 'active' AND OLD.mode = 'off'
BEGIN SELECT RAISE(ABORT, 'off to active is refused: go through observe'); END
""",
    """
CREATE TRIGGER instances_first_mode BEFORE INSERT ON instances WHEN NEW.mode = 'active'
BEGIN SELECT RAISE(ABORT, 'off to active is refused: go through observe'); END
""",
    f"""
CREATE TRIGGER instances_created AFTER INSERT ON instances
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    VALUES (NEW.id, NULL, NEW.mode, max(NEW.changed_time, 0), NEW.changed_by);
  UPDATE instances SET check_number = {_INSTANCE_CHECK_1}
    WHERE id = NEW.id;
END
""",
    f"""
CREATE TRIGGER instances_outside AFTER UPDATE ON instances WHEN NEW.revision = OLD.revision
  AND (NEW.mode IS NOT OLD.mode OR NEW.config IS NOT OLD.config
  OR NEW.deleted_time IS NOT OLD.deleted_time
  OR NEW.changed_by IS NOT OLD.changed_by OR NEW.changed_time IS NOT OLD.changed_time
  OR NEW.config_version IS NOT OLD.config_version)
BEGIN
  UPDATE instances SET revision = OLD.revision + 1, changed_by = 'outside', changed_time = {_NOW},
    config_version = OLD.config_version + (NEW.config IS NOT OLD.config) WHERE id = NEW.id;
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, {_NOW}, 'outside' WHERE NEW.mode IS NOT OLD.mode;
END
""",
    f"""
CREATE TRIGGER instances_changed AFTER UPDATE ON instances WHEN NEW.revision IS NOT OLD.revision
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, NEW.changed_time, NEW.changed_by
    WHERE NEW.mode IS NOT OLD.mode;
  UPDATE instances SET check_number = {_INSTANCE_CHECK_1}
    WHERE id = NEW.id;
END
""",
    f"""
CREATE TRIGGER kill_switches_created AFTER INSERT ON kill_switches
BEGIN
  UPDATE kill_switches SET check_number = {_KILL_CHECK}
    WHERE scope = NEW.scope AND key = NEW.key;
END
""",
    f"""
CREATE TRIGGER kill_switches_changed AFTER UPDATE OF scope, key, state, actor, reason, time
ON kill_switches
BEGIN
  UPDATE kill_switches SET check_number = {_KILL_CHECK}
    WHERE scope = NEW.scope AND key = NEW.key;
END
""",
)

_STATE_2: Final = (*_history("audit", AUDIT_COLUMNS), *_history("mode_history", MODE_COLUMNS))

_STATE_3: Final = (
    "ALTER TABLE instances ADD COLUMN kept_revision INTEGER NOT NULL DEFAULT 0",
    # A row that was altered on the disk keeps its wrong number, and is still found.
    f"""
UPDATE instances SET check_number = {check_sql(line_sql(_INSTANCE_COLUMNS_3, "instances."))}
  WHERE check_number = {check_sql(line_sql(_INSTANCE_COLUMNS_1, "instances."))}
""",
    "DROP TRIGGER instances_created",
    "DROP TRIGGER instances_outside",
    "DROP TRIGGER instances_changed",
    f"""
CREATE TRIGGER instances_created AFTER INSERT ON instances
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    VALUES (NEW.id, NULL, NEW.mode, max(NEW.changed_time, 0), NEW.changed_by);
  UPDATE instances SET check_number = {_INSTANCE_CHECK_3} WHERE id = NEW.id;
END
""",
    f"""
CREATE TRIGGER instances_outside AFTER UPDATE ON instances WHEN NEW.revision = OLD.revision
  AND (NEW.mode IS NOT OLD.mode OR NEW.config IS NOT OLD.config
  OR NEW.deleted_time IS NOT OLD.deleted_time OR NEW.kept_revision IS NOT OLD.kept_revision
  OR NEW.changed_by IS NOT OLD.changed_by OR NEW.changed_time IS NOT OLD.changed_time
  OR NEW.config_version IS NOT OLD.config_version)
BEGIN
  UPDATE instances SET revision = OLD.revision + 1, changed_by = 'outside', changed_time = {_NOW},
    config_version = OLD.config_version + (NEW.config IS NOT OLD.config) WHERE id = NEW.id;
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, {_NOW}, 'outside' WHERE NEW.mode IS NOT OLD.mode;
END
""",
    f"""
CREATE TRIGGER instances_changed AFTER UPDATE ON instances WHEN NEW.revision IS NOT OLD.revision
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, NEW.changed_time, NEW.changed_by
    WHERE NEW.mode IS NOT OLD.mode;
  UPDATE instances SET check_number = {_INSTANCE_CHECK_3} WHERE id = NEW.id;
END
""",
)

_SET_ACTS: Final = f"""audit WHERE target = instances.id AND act = 'config' AND done = 1
    AND audit.check_number = {check_sql(line_sql(AUDIT_COLUMNS, "audit."))}"""
"""The acts that set the config of an instance, as far as they are what was written."""

_STATE_4: Final = (
    "ALTER TABLE instances ADD COLUMN config_time INTEGER",
    "ALTER TABLE instances ADD COLUMN config_by TEXT NOT NULL DEFAULT ''",
    "DROP TRIGGER instances_created",
    "DROP TRIGGER instances_outside",
    "DROP TRIGGER instances_changed",
    # The audit has every act; what was written by hand is counted, but nobody noted when.
    f"""
UPDATE instances SET
  config_time = (SELECT time FROM {_SET_ACTS} ORDER BY number DESC LIMIT 1),
  config_by = (SELECT actor FROM {_SET_ACTS} ORDER BY number DESC LIMIT 1)
WHERE config_version > 1 AND config_version - 1 = (SELECT count(*) FROM {_SET_ACTS})
""",
    f"""
UPDATE instances SET
  config_time = created_time,
  config_by = coalesce((SELECT actor FROM {_SET_ACTS.replace("'config'", "'create'")}
    ORDER BY number LIMIT 1), '')
WHERE config_version = 1 AND created_time > 0
""",
    # A row that was altered on the disk keeps its wrong number, and is still found.
    f"""
UPDATE instances SET check_number = {_ROW_CHECK}
  WHERE check_number = {check_sql(line_sql(_INSTANCE_COLUMNS_3, "instances."))}
""",
    f"""
CREATE TRIGGER instances_created AFTER INSERT ON instances
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    VALUES (NEW.id, NULL, NEW.mode, max(NEW.changed_time, 0), NEW.changed_by);
  UPDATE instances SET check_number = {_INSTANCE_CHECK} WHERE id = NEW.id;
END
""",
    f"""
CREATE TRIGGER instances_outside AFTER UPDATE ON instances WHEN NEW.revision = OLD.revision
  AND (NEW.mode IS NOT OLD.mode OR NEW.config IS NOT OLD.config
  OR NEW.deleted_time IS NOT OLD.deleted_time OR NEW.kept_revision IS NOT OLD.kept_revision
  OR NEW.changed_by IS NOT OLD.changed_by OR NEW.changed_time IS NOT OLD.changed_time
  OR NEW.config_by IS NOT OLD.config_by OR NEW.config_time IS NOT OLD.config_time
  OR NEW.config_version IS NOT OLD.config_version)
BEGIN
  UPDATE instances SET revision = OLD.revision + 1, changed_by = 'outside', changed_time = {_NOW},
    config_version = OLD.config_version + (NEW.config IS NOT OLD.config),
    config_time = CASE WHEN NEW.config IS NOT OLD.config THEN {_NOW} ELSE OLD.config_time END,
    config_by = CASE WHEN NEW.config IS NOT OLD.config THEN 'outside' ELSE OLD.config_by END
    WHERE id = NEW.id;
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, {_NOW}, 'outside' WHERE NEW.mode IS NOT OLD.mode;
END
""",
    # Who writes a config with a revision of his own, and not when, has set it now. That is another
    # revision: an update within one would be taken for one from outside.
    f"""
CREATE TRIGGER instances_changed AFTER UPDATE ON instances WHEN NEW.revision IS NOT OLD.revision
BEGIN
  INSERT INTO mode_history (id, from_mode, to_mode, time, actor)
    SELECT NEW.id, OLD.mode, NEW.mode, NEW.changed_time, NEW.changed_by
    WHERE NEW.mode IS NOT OLD.mode;
  UPDATE instances SET config_time = {_NOW}, config_by = NEW.changed_by, revision = revision + 1
    WHERE id = NEW.id AND NEW.config IS NOT OLD.config AND NEW.config_time IS OLD.config_time
    AND NEW.config_by IS OLD.config_by;
  UPDATE instances SET check_number = {_ROW_CHECK} WHERE id = NEW.id;
END
""",
)

STATE_SCHEMA: Final = Schema(
    "state",
    STATE_APPLICATION_ID,
    (
        Migration(1, _STATE_1),
        Migration(2, _STATE_2),
        Migration(3, _STATE_3),
        Migration(4, _STATE_4),
    ),
)
