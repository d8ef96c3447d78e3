"""What every oracle part is written with: a body in its place in use, and a few profiles.

Millimetres and degrees; +Z up, the front looks towards -Y; a body stands on z = 0, centred on the Z axis.
"""

import math

import cadquery as cq


class Body:
    """A part while it is built: its pieces, and what its words "wall", "top" or "side" mean for placing things."""

    def __init__(self, solid, size, *, round_body=False, wall=0.0, floor=0.0, lid=0.0, radius_at=None, name="body"):
        self.pieces = {name: solid}
        self.first = name
        self.size = size
        self.round = round_body
        # A hollow body encloses a space; floor 0 means that it is open below too.
        self.hollow = wall > 0
        self.wall, self.floor, self.lid, self.roof = wall, floor, lid, 0.0
        self.radius_at = radius_at or (lambda z: size[0] / 2)
        self.bosses = 0.0
        # The middle of its underside.
        self.base = (0.0, 0.0, 0.0)
        # What each operation added and cut, for those that repeat it or work on its edges.
        self.operation, self.done = "", {}

    @property
    def solid(self):
        return self.pieces[self.first]

    @solid.setter
    def solid(self, value):
        self.pieces[self.first] = value

    def add(self, tool, piece=None):
        """Joins a tool to a piece under the name of the operation."""
        piece = piece or self.first
        self.done.setdefault(self.operation, []).append(("add", piece, tool))
        self.pieces[piece] = self.pieces[piece].union(tool)

    def cut(self, tool, piece=None):
        piece = piece or self.first
        self.done.setdefault(self.operation, []).append(("cut", piece, tool))
        self.pieces[piece] = self.pieces[piece].cut(tool)

    def volume(self):
        return sum(volume(piece) for piece in self.pieces.values())


def volume(work):
    """Volume of all solids of a workplane, integrated to 1e-9."""
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    total = 0.0
    for solid in work.solids().vals():
        properties = GProp_GProps()
        BRepGProp.VolumeProperties_s(solid.wrapped, properties, 1e-9)
        total += properties.Mass()
    return total


def rounded(length, width, radius):
    """A rectangle about the origin; its corners are rounded when the radius is not 0."""
    sketch = cq.Sketch().rect(length, width)
    return sketch.vertices().fillet(radius).reset() if radius > 1e-9 else sketch


def upright(sketch, z, height):
    """A sketch pushed up from z."""
    return cq.Workplane("XY", origin=(0, 0, z)).placeSketch(sketch).extrude(height)


def cuboid(length, width, height, radius=0.0, z=0.0):
    return upright(rounded(length, width, radius), z, height)


def cylinder(diameter, height, x=0.0, y=0.0, z=0.0):
    return cq.Workplane("XY", origin=(x, y, z)).circle(diameter / 2).extrude(height)


def turned(points):
    """A polygon of (radius, z) turned about Z."""
    return cq.Workplane("XZ").polyline(points).close().revolve(360, (0, 0, 0), (0, 1, 0))


def ring(outer, inner, height):
    return cylinder(outer, height).cut(cylinder(inner, height)) if inner > 0 else cylinder(outer, height)


def profile_front(points, width):
    """A polygon of (x, z) seen from the front, pushed over the width about y = 0."""
    return cq.Workplane("XZ").polyline(points).close().extrude(width / 2, both=True)


def profile_side(points, width):
    """A polygon of (y, z) seen from the right, pushed over the width about x = 0."""
    return cq.Workplane("YZ").polyline(points).close().extrude(width / 2, both=True)


def on_circle(count, diameter, start=90.0):
    angles = (math.radians(start + 360.0 * i / count) for i in range(count))
    return [(diameter / 2 * math.cos(a), diameter / 2 * math.sin(a)) for a in angles]


def rod(diameter, start, direction, length):
    """A round bar from a point along a direction."""
    return cq.Workplane(obj=cq.Solid.makeCylinder(diameter / 2, length, cq.Vector(*start), cq.Vector(*direction)))
