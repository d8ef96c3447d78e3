"""CPU time and peak memory of one part in one library, without its import.

    python measure.py --peer cadquery|manifold3d|openscad|openscad-solid --part NAME --chord MM --runs N

Prints one JSON line. OpenSCAD is a program, so its time is that of its whole process; `openscad-solid` drills the holes of
flat parts in space, as most of its files do, and not in the plane before they are extruded.
"""

import argparse
import importlib
import json
import resource
import struct
import subprocess
import tempfile
import sys
import time
from pathlib import Path

# After so many seconds a part is not built again, and a program that has not finished is stopped.
ENOUGH_S, STOP_S = 20.0, 90.0

arguments = argparse.ArgumentParser()
arguments.add_argument("--peer", required=True)
arguments.add_argument("--part", required=True)
arguments.add_argument("--chord", required=True, type=float)
arguments.add_argument("--runs", required=True, type=int)
options = arguments.parse_args()



def library():
    peer = importlib.import_module(f"{options.peer}_parts")
    times = []
    for _ in range(options.runs):
        before = time.process_time()
        volume, triangles = peer.build(options.part, options.chord)
        times.append((time.process_time() - before) * 1e3)
        if sum(times) > ENOUGH_S * 1e3:
            break
    return times, volume, triangles(), resource.RUSAGE_SELF


def openscad():
    file = Path(__file__).with_name("parts.scad")
    solid = "true" if options.peer.endswith("solid") else "false"
    times = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "part.stl"
        command = ["openscad", "-q", "--export-format", "binstl", "-o", str(out), "-D", f'part="{options.part}"']
        command += ["-D", f"chord={options.chord}", "-D", f"solid={solid}", str(file)]
        for _ in range(options.runs):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=STOP_S)
            except subprocess.TimeoutExpired:
                sys.exit(f"stopped after {STOP_S:.0f} s")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3)
            if sum(times) > ENOUGH_S * 1e3:
                break
        volume, triangles = binary_stl(out.read_bytes())
    return times, volume, triangles, resource.RUSAGE_CHILDREN


def binary_stl(data):
    """Volume by the divergence theorem, and the number of triangles."""
    (count,) = struct.unpack_from("<I", data, 80)
    volume = 0.0
    for i in range(count):
        ax, ay, az, bx, by, bz, cx, cy, cz = struct.unpack_from("<9f", data, 84 + 50 * i + 12)
        volume += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    return volume / 6, count


times, volume, triangles, who = openscad() if options.peer.startswith("openscad") else library()
peak = resource.getrusage(who).ru_maxrss / 1024
print(json.dumps({"cpu_ms": times, "volume_mm3": volume, "triangles": triangles, "peak_mb": peak}))
