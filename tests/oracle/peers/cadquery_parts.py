"""The parts of `bench geometry` in CadQuery, each in the fastest form that its users write."""

import math
import sys
from pathlib import Path

import cadquery as cq
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRep import BRep_Tool
from OCP.TopLoc import TopLoc_Location

sys.path.append(str(Path(__file__).parents[1]))

from families import gear_outline


def pot():
    d, h, base, wall, floor = 120, 100, 90, 3, 3
    slope = (d - base) / 2 / h
    level = wall * math.hypot(1, slope)
    inner = lambda z: base / 2 + slope * z - level
    side = [(0, 0), (base / 2, 0), (d / 2, h), (inner(h), h), (inner(floor), floor), (0, floor)]
    pot = cq.Workplane("XZ").polyline(side).close().revolve(360, (0, 0, 0), (0, 1, 0))
    return pot.faces("<Z").workplane().polarArray(0.6 * (base / 2 - level), 90, 360, 5).hole(8, 2 * floor)


def enclosure():
    l, w, h, wall = 100, 60, 30, 2
    box = cq.Workplane("XY").box(l, w, h, centered=(True, True, False)).edges("|Z").fillet(4).faces(">Z").shell(-wall)
    corners = [(x * (l / 2 - 9), y * (w / 2 - 9)) for x in (-1, 1) for y in (-1, 1)]
    on_floor = cq.Workplane("XY", origin=(0, 0, wall / 2)).pushPoints(corners)
    box = box.union(on_floor.circle(3.5).extrude(8 + wall / 2))
    bores = cq.Workplane("XY", origin=(0, 0, wall)).pushPoints(corners).circle(1.4).extrude(9)
    vents = cq.Workplane("XZ", origin=(0, -w / 2 + wall + 0.5, h / 2)).rarray(6, 1, 8, 1).slot2D(16, 2.5, 90).extrude(wall + 1)
    cable = cq.Workplane("YZ", origin=(-l / 2 - 1, 0, h / 2)).circle(4).extrude(wall + 1.5)
    return box.cut(bores).cut(vents).cut(cable)


def bracket():
    l, h, w, t, r, d = 60, 40, 30, 5, 5, 5
    legs = [(-l / 2, 0), (l / 2, 0), (l / 2, t), (-l / 2 + t, t), (-l / 2 + t, h), (-l / 2, h)]
    solid = cq.Workplane("XZ").polyline(legs).close().extrude(w / 2, both=True)
    solid = solid.edges("|Y").edges(cq.NearestToPointSelector((-l / 2 + t, 0, t))).fillet(r)
    along = lambda end: [t + r + (end - t - r) * (i + 0.5) / 2 for i in range(2)]
    level = cq.Workplane("XY", origin=(-l / 2, 0, -1)).pushPoints([(x, 0) for x in along(l)]).circle(d / 2).extrude(t + 2)
    standing = cq.Workplane("YZ", origin=(-l / 2 - 1, 0, 0)).pushPoints([(0, z) for z in along(h)]).circle(d / 2).extrude(t + 2)
    return solid.cut(level).cut(standing)


def gear():
    return gear_outline(20, 2.0, math.radians(20)).circle(2.5).extrude(10)


def plate():
    places = [(-95 + 10 * i, -95 + 10 * j) for i in range(20) for j in range(20)]
    return cq.Workplane("XY").rect(210, 210).pushPoints(places).circle(2.5).extrude(3)


def flange():
    bolts = [(46 * math.cos(math.tau * i / 8), 46 * math.sin(math.tau * i / 8)) for i in range(8)]
    return cq.Workplane("XY").circle(60).circle(25).pushPoints(bolts).circle(5.5).extrude(12)


PARTS = {"pot": pot, "enclosure": enclosure, "bracket": bracket, "gear": gear, "400-hole plate": plate, "flange": flange}


def build(name, chord):
    """The solid with its volume, and its triangles within an absolute chord tolerance."""
    solid = PARTS[name]().val()
    BRepMesh_IncrementalMesh(solid.wrapped, chord, False, 0.5, False)
    return solid.Volume(), lambda: sum(
        BRep_Tool.Triangulation_s(face.wrapped, TopLoc_Location()).NbTriangles() for face in solid.Faces()
    )
