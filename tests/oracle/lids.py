"""The families that screw together, a cap and a jar, written like the others."""

import math

import cadquery as cq

from common import Body, cylinder, turned
from families import family
from more_families import hole_mouth, rod_end, threaded_rod


def grip_valley(diameter, lobes):
    """The least radius of a grip: a third of a lobe's width deep, a tenth of the radius at most."""
    r = diameter / 2
    return r if lobes < 3 else r - min(r * math.tau / lobes / 3, r / 10)


def grip(diameter, lobes, z, up):
    """A disc whose edge is so many equal arcs that bulge to the diameter."""
    if lobes < 3:
        return cylinder(diameter, up, 0, 0, z)
    r, low, step = diameter / 2, grip_valley(diameter, lobes), math.tau / lobes
    polar = lambda radius, angle: (radius * math.cos(angle), radius * math.sin(angle))
    work = cq.Workplane("XY", origin=(0, 0, z)).moveTo(*polar(low, -step / 2))
    for i in range(lobes):
        work = work.threePointArc(polar(r, step * i), polar(low, step * (i + 0.5)))
    return work.close().extrude(up)


@family
def threaded_cap(v, c, clearance):
    if c["representation"] != "modelled":
        raise NotImplementedError("a cosmetic thread in a cap")
    d, pitch, wall, floor, h, n = (v[k] for k in ("diameter", "pitch", "wall", "floor", "height", "flutes"))
    play = min(clearance, pitch / 10)
    inside = d / 2 + play + wall
    outer = 2 * inside / grip_valley(2, int(n))
    solid = grip(outer, int(n), 0, h).cut(threaded_rod(d, pitch, h - floor + 1, -play).translate((0, 0, floor)))
    if h - floor > 1.5 * pitch:
        mate = d + 2 * play
        solid = solid.cut(hole_mouth(mate, mate - 1.082532 * pitch, h, False))
    return Body(solid, (outer, outer, h), round_body=True, wall=wall, floor=floor, name="cap")


@family
def jar(v, c, clearance):
    if c["representation"] != "modelled":
        raise NotImplementedError("a cosmetic thread on a jar")
    d, h, wall, floor, plate, pitch, neck = (v[k] for k in ("diameter", "height", "wall", "floor", "lid_thickness", "pitch", "neck_height"))
    n, play, gap = int(v["flutes"]), min(clearance, pitch / 10), 0.4
    # The lid's wall lies between its grip and the thread; the neck's inside the thread's root (d3 of ISO 724).
    major = 2 * (grip_valley(d, n) - wall - play)
    inside, mouth = d / 2 - wall, (major - 1.226869 * pitch) / 2 - play - wall
    shoulder = h - plate - gap - neck
    rim, knee = shoulder + neck, shoulder - (inside - mouth)
    # The neck begins in the full body; the room inside narrows to it by 45 degrees.
    solid = cylinder(d, shoulder).union(threaded_rod(major, pitch, neck + 1, play).translate((0, 0, shoulder - 1)))
    solid = solid.cut(turned([(0, floor), (inside, floor), (inside, knee), (mouth, shoulder), (mouth, rim + 1), (0, rim + 1)]))
    solid = solid.cut(rod_end(major, pitch, rim, True))
    body = Body(solid, (d, d, h), round_body=True, wall=wall, floor=floor, lid=plate, name="jar")
    mate = major + 2 * play
    bore = threaded_rod(major, pitch, neck + gap + 1, -play).translate((0, 0, shoulder - 1))
    body.pieces["lid"] = grip(d, n, shoulder, h - shoulder).cut(bore).cut(hole_mouth(mate, mate - 1.082532 * pitch, shoulder, True))
    return body
