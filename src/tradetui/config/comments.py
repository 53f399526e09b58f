"""The texts under the attributes of a class: what a key means, said once, where it is declared."""

from __future__ import annotations

import ast
import inspect
import textwrap


def comments_of(owner: type) -> dict[str, str]:
    """Return the text that stands under each attribute of a class, on one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    name = ""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            found[name] = " ".join(str(node.value.value).split())
        else:
            name = ""
    return found
