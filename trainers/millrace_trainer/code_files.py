"""Which files of this package decide what a trainer leaves: their digest is part of a training step's key.

    python -I -S code_files.py [TRAINER]

prints {"files": [...], "trainers": [...]}, files relative to the package. Without a trainer, or for a user's own, no reference trainer is among them; with one,
only its own modules are, so that a change to one trainer leaves the work of all others valid. Found by following the imports in the syntax trees, nothing is
run. Standard library only.
"""

import ast
import json
import os
import sys

PACKAGE = os.path.dirname(os.path.abspath(__file__))
ENTRY = "__main__.py"
REFERENCE = os.path.join("reference", "__init__.py")
# How a job is supervised, how a model is served, and this file change neither a model nor a prediction.
WITHOUT_EFFECT = {"supervise.py", "serving.py", "code_files.py"}


def main(trainer):
    trainers = reference_trainers()
    roots = [ENTRY, "__init__.py", *packed_files()]
    if trainer in trainers:
        roots.append(os.path.join("reference", f"{trainers[trainer][0]}.py"))
    found, queue = set(), roots
    while queue:
        file = queue.pop()
        if file in found or file in WITHOUT_EFFECT or not os.path.isfile(os.path.join(PACKAGE, file)):
            continue
        if file == REFERENCE and trainer not in trainers:
            continue
        found.add(file)
        queue += imported_files(file)
    print(json.dumps({"files": sorted(found), "trainers": sorted(trainers)}))


def reference_trainers():
    """Name → (module, function), as the table in `reference/__init__.py` has it."""
    for node in tree(REFERENCE).body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "TRAINERS" for target in node.targets):
            return ast.literal_eval(node.value)
    raise SystemExit("reference/__init__.py has no table TRAINERS")


def packed_files():
    """What is copied into every model, as data and not by import."""
    for folder, _, names in os.walk(os.path.join(PACKAGE, "packed")):
        for name in names:
            if name.endswith(".py"):
                yield os.path.relpath(os.path.join(folder, name), PACKAGE)


def imported_files(file):
    """Candidates for the files that the relative imports of `file` may mean; those that do not exist are passed over later."""
    package = os.path.dirname(file)
    for node in ast.walk(tree(file)):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = package
        for _ in range(node.level - 1):
            base = os.path.dirname(base)
        for module in [node.module, *(f"{node.module or ''}.{alias.name}".strip(".") for alias in node.names)]:
            if module:
                path = os.path.join(base, *module.split("."))
                yield from (f"{path}.py", os.path.join(path, "__init__.py"))
        # Importing from a package runs the package's own file, too.
        yield os.path.join(base, "__init__.py")


def tree(file):
    with open(os.path.join(PACKAGE, file), encoding="utf-8") as source:
        return ast.parse(source.read(), file)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
