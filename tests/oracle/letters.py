"""Text in the catalogue's embedded font, by fontTools' outlines and exact Bezier curves."""

from pathlib import Path

import cadquery as cq
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

FONT = Path(__file__).parents[2] / "crates/geometry/font/DejaVuSans-Bold-latin.ttf"


def letters(text, height, depth):
    """Letters with capitals of this height on the XY plane, pushed up by depth, side by side without kerning."""
    font = TTFont(FONT)
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    capital = getattr(font["OS/2"], "sCapHeight", 0) or 0.729 * font["head"].unitsPerEm
    scale, pen_x, solids = height / capital, 0.0, []
    for letter in text:
        name = cmap[ord(letter)]
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        wires = contours(pen.value, scale, pen_x)
        solids += solids_of(wires, depth)
        pen_x += glyphs[name].width * scale
    return cq.Workplane(obj=cq.Compound.makeCompound(solids))


def contours(commands, scale, shift):
    """Closed wires, with the quadratic curves of TrueType as they are."""
    at = lambda p: cq.Vector(p[0] * scale + shift, p[1] * scale, 0)
    wires, edges, start, here = [], [], None, None
    for command, points in commands:
        if command == "moveTo":
            edges, start, here = [], points[0], points[0]
        elif command == "lineTo":
            if points[0] != here:
                edges.append(cq.Edge.makeLine(at(here), at(points[0])))
            here = points[0]
        elif command == "qCurveTo":
            *controls, end = points
            # Between two control points lies an implied point on the curve.
            for i, control in enumerate(controls):
                to = end if i + 1 == len(controls) else tuple((a + b) / 2 for a, b in zip(control, controls[i + 1]))
                edges.append(cq.Edge.makeBezier([at(here), at(control), at(to)]))
                here = to
        elif command == "closePath":
            if here != start:
                edges.append(cq.Edge.makeLine(at(here), at(start)))
            wires.append(cq.Wire.assembleEdges(edges))
        else:
            raise ValueError(f"the font has a {command}")
    return wires


def solids_of(wires, depth):
    """Outer contours less the holes that lie in them."""
    faces = sorted((cq.Face.makeFromWires(wire) for wire in wires), key=lambda f: -abs(f.Area()))
    outer = []
    for face in faces:
        box = face.BoundingBox()
        for entry in outer:
            around = entry[0].BoundingBox()
            if around.xmin < box.xmin and around.xmax > box.xmax and around.ymin < box.ymin and around.ymax > box.ymax:
                entry[1].append(face)
                break
        else:
            outer.append((face, []))
    make = lambda face: cq.Workplane(obj=cq.Solid.extrudeLinear(face.outerWire(), [], cq.Vector(0, 0, depth)))
    solids = []
    for face, holes in outer:
        solid = make(face)
        for hole in holes:
            solid = solid.cut(make(hole))
        solids += solid.solids().vals()
    return solids
