"""Bars, rods, springs, domes and transition pieces of the catalogue in CadQuery."""

import math

import cadquery as cq
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge
from OCP.Geom import Geom_BezierCurve
from OCP.TColgp import TColgp_Array1OfPnt
from OCP.TColStd import TColStd_Array1OfReal

from common import Body, cylinder, rod
from families import family


@family
def profile(v, c, _):
    l, w, h, t, web = v["length"], v["width"], v["height"], v["thickness"], v["web_thickness"]
    # Each level and upright part is a box of its own, by its middle across and its lower end.
    bar = lambda wide, high, y=0.0, z=0.0: cq.Workplane("XY").box(l, wide, high, centered=(True, True, False)).translate((0, y, z))
    side = (w - web) / 2
    # Of a Z the level parts go opposite ways from the middle web.
    arm = (w + web) / 2
    parts = {
        "u": [bar(w, t), bar(web, h, -side), bar(web, h, side)],
        "t": [bar(web, h), bar(w, t, 0, h - t)],
        "l": [bar(w, t), bar(web, h, -side)],
        "i": [bar(w, t), bar(web, h), bar(w, t, 0, h - t)],
        "z": [bar(web, h), bar(arm, t, (arm - web) / 2), bar(arm, t, (web - arm) / 2, h - t)],
    }[c["shape"]]
    solid = parts[0]
    for part in parts[1:]:
        solid = solid.union(part)
    return Body(solid, (l, w, h))


@family
def hemisphere(v, c, _):
    d, wall = v["diameter"], v["wall"]
    half = lambda radius: cq.Workplane(obj=cq.Solid.makeSphere(radius, cq.Vector(0, 0, 0), cq.Vector(0, 0, 1), 0, 90, 360))
    solid = half(d / 2).cut(half(d / 2 - wall)) if wall else half(d / 2)
    return Body(solid, (d, d, d / 2), round_body=True)


def arc(start, end, centre, angle):
    """An arc of less than a half turn as a rational Bezier curve, whose parameter a ruled surface pairs with a line's."""
    middle = (start + end) * 0.5 - centre
    pole = centre + middle * (1 / math.cos(angle / 2) ** 2)
    poles, weights = TColgp_Array1OfPnt(1, 3), TColStd_Array1OfReal(1, 3)
    for i, (point, weight) in enumerate(((start, 1), (pole, math.cos(angle / 2)), (end, 1)), 1):
        poles.SetValue(i, point.toPnt())
        weights.SetValue(i, weight)
    return cq.Edge(BRepBuilderAPI_MakeEdge(Geom_BezierCurve(poles, weights)).Edge())


def end(shape, length, width, z, angles):
    """One end of a transition: a rectangle's sides or a circle's arcs, divided where rays from the middle meet them."""

    def at(angle):
        x, y = math.cos(angle), math.sin(angle)
        far = length / 2 if shape == "round" else 1 / max(abs(x) * 2 / length, abs(y) * 2 / width)
        return cq.Vector(far * x, far * y, z)

    turns = zip(angles, angles[1:] + [angles[0] + 2 * math.pi])
    edge = lambda a, b: arc(at(a), at(b), cq.Vector(0, 0, z), b - a) if shape == "round" else cq.Edge.makeLine(at(a), at(b))
    return cq.Wire.assembleEdges([edge(a, b) for a, b in turns])


def straight_between(c, low, high, height):
    """The skin of straight lines between the ends: from corner to corner, or from each corner to where the circle faces it."""
    rectangular = [word == "rectangular" for word in (c["bottom"], c["top"])]
    if not any(rectangular):
        return cq.Workplane(obj=cq.Solid.makeCone(low[0] / 2, high[0] / 2, height))
    corners = lambda a: [-a, a, math.pi - a, math.pi + a]
    angles = [corners(math.atan2(size[1], size[0])) for size in (low, high)]
    if not all(rectangular):
        a = angles[0 if rectangular[0] else 1]
        # Longer sides face more than a quarter of the circle, which is halved.
        long = [] if abs(a[1] - math.pi / 4) < 1e-9 else [0, math.pi] if a[1] > math.pi / 4 else [math.pi / 2, 1.5 * math.pi]
        angles = [sorted(a + long)] * 2
    wires = [end(shape, *size, z, at) for shape, size, z, at in ((c["bottom"], low, 0, angles[0]), (c["top"], high, height, angles[1]))]
    return cq.Workplane(obj=cq.Solid.makeLoft(wires, True))


@family
def transition(v, c, _):
    h, wall = v["height"], v["wall"]
    low, high = (v["bottom_length"], v["bottom_width"]), (v["top_length"], v["top_width"])
    solid = straight_between(c, low, high, h)
    if wall:
        less = lambda size: tuple(side - 2 * wall for side in size)
        solid = solid.cut(straight_between(c, less(low), less(high), h))
    return Body(solid, (max(low[0], high[0]), max(low[1], high[1]), h))


@family
def spring(v, c, _):
    wire, d, pitch, turns = v["wire"], v["diameter"], v["pitch"], v["turns"]
    left = c["hand"] == "left"
    spine = cq.Wire.makeHelix(pitch, pitch * turns, d / 2, lefthand=left)
    # Round wire: its section square to the way that it goes is a circle.
    along = cq.Vector(0, -math.pi * d if left else math.pi * d, pitch)
    section = cq.Wire.makeCircle(wire / 2, cq.Vector(d / 2, 0, 0), along)
    solid = cq.Solid.sweep(section, [], spine, True, True).translate(cq.Vector(0, 0, wire / 2))
    return Body(cq.Workplane(obj=solid), (d + wire, d + wire, pitch * turns + wire))


@family
def bent_rod(v, c, _):
    d, bore, bend, turn = v["diameter"], v["inner_diameter"], v["bend_radius"], v["angle"]

    def bar(diameter):
        """A leg along X, a bend towards +Y about an axis beside its end, and the other leg."""
        a = math.radians(turn)
        curve = cq.Workplane("YZ").circle(diameter / 2).revolve(turn, (bend, 0, 0), (bend, 1, 0))
        start = (bend * math.sin(a), bend * (1 - math.cos(a)), 0)
        solid = rod(diameter, (-v["leg_1"], 0, 0), (1, 0, 0), v["leg_1"]).union(curve)
        return solid.union(rod(diameter, start, (math.cos(a), math.sin(a), 0), v["leg_2"]))

    solid = bar(d).cut(bar(bore)) if bore else bar(d)
    box = solid.val().BoundingBox(1e-4)
    solid = solid.translate((-(box.xmin + box.xmax) / 2, -(box.ymin + box.ymax) / 2, d / 2))
    return Body(solid, (box.xlen, box.ylen, d))
