"""Builds every case of tests/cases in CadQuery and reads the evaluated files with OpenCASCADE and trimesh.

    python run.py --cases tests/cases --built DIR --report FILE [--only TEXT]

DIR holds what `cargo xtask cases` wrote for each case: `<name>.json`, `<name>.step` and `<name>.<piece>.stl`. The report
says for each case the oracle's volume or why there is none, whether OpenCASCADE finds the STEP file valid and what it
holds, and whether trimesh finds each mesh closed and consistently wound, and what it holds.
"""

import argparse
import inspect
import json
import time
import traceback
from pathlib import Path

import cadquery as cq
import trimesh

from common import volume
from families import FAMILIES
from operations import OPERATIONS
from sketched import SKETCHED

import bars  # noqa: F401: adds to FAMILIES
import lids  # noqa: F401: adds to FAMILIES
import more_families  # noqa: F401: adds to FAMILIES

CLEARANCE = {None: 0.2, "tight": 0.1, "normal": 0.2, "loose": 0.35}


def build(part, operations, folder):
    """The part's volume, from its words and resolved values alone."""
    body, history = None, []
    for said, resolved in zip(part["features"], operations):
        values, choices = resolved.get("values", {}), resolved.get("choices", {})
        kind = resolved["kind"]
        history.append(kind)
        if body is not None:
            body.operation = said["id"]
        if any(name.startswith(("sketches", "path")) for name in said.get("expressions", {})):
            raise NotImplementedError("formulas in a sketch")
        if kind in SKETCHED:
            body = SKETCHED[kind](body, values, choices, said, folder)
            body.operation = body.operation or said["id"]
        elif kind in FAMILIES and body is None:
            body = FAMILIES[kind](values, choices, CLEARANCE[part.get("fit")])
        elif kind in OPERATIONS and body is not None:
            function = OPERATIONS[kind]
            extra = {"history": history} if "history" in inspect.signature(function).parameters else {}
            function(body, values, choices, said.get("placement"), **extra)
        else:
            raise NotImplementedError(f"no oracle for {kind}")
    if not all(shape.isValid() for piece in body.pieces.values() for shape in piece.solids().vals()):
        raise ValueError("its own result is not valid")
    total = body.volume()
    if hasattr(body, "raised"):
        total += volume(body.raised)
    if hasattr(body, "engraved"):
        total -= volume(body.engraved)
    return total


def read_step(file):
    shapes = cq.importers.importStep(str(file))
    return {"valid": all(shape.isValid() for shape in shapes.vals()), "volume_mm3": volume(shapes), "solids": shapes.solids().size()}


def read_stl(file):
    mesh = trimesh.load_mesh(str(file))
    closed = bool(mesh.is_watertight and mesh.is_winding_consistent)
    return {"piece": file.stem.split(".")[-1], "closed": closed, "volume_mm3": float(mesh.volume)}


def main():
    arguments = argparse.ArgumentParser()
    for name in ("cases", "built", "report"):
        arguments.add_argument(f"--{name}", required=True, type=Path)
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    report = {}
    for folder in sorted(p for p in options.cases.iterdir() if p.is_dir() and any(text in p.name for text in options.only.split(","))):
        name, row = folder.name, {}
        report[name] = row
        record = options.built / f"{name}.json"
        if not record.exists():
            row["refused"] = "the case does not evaluate"
            continue
        part = json.loads((folder / "part.json").read_text())
        started = time.process_time()
        try:
            row["oracle_mm3"] = build(part, json.loads(record.read_text())["operations"], folder)
        except NotImplementedError as error:
            row["no_oracle"] = str(error)
        except Exception as error:
            row["no_oracle"] = f"CadQuery: {type(error).__name__}: {error}"
            row["trace"] = traceback.format_exc()
        row["seconds"] = round(time.process_time() - started, 3)
        step = options.built / f"{name}.step"
        if step.exists():
            row["step"] = read_step(step)
        row["stl"] = [read_stl(file) for file in sorted(options.built.glob(f"{name}.*.stl"))]
        # After each case: a later one may take long.
        options.report.write_text(json.dumps({"tool": f"CadQuery {cq.__version__}", "cases": report}, indent=1) + "\n")


main()
