"""Operations on sketches and on brought bodies, in CadQuery: extrude, revolve, sweep, loft, import, combine and thread.

The first one of a part makes its body about the origin; later ones add to it, cut it or keep what lies within them, on the
face that they are placed on, drawn as a person sees it who looks at the face from outside.
"""

import math

import cadquery as cq

from common import Body, cylinder, rounded
from families import gear_outline
from letters import letters
from more_families import threaded_rod
from operations import acts_on, reach, sites

SKETCHED = {}


def sketched(function):
    SKETCHED[function.__name__.rstrip("_")] = function
    return function


number = lambda quantity: quantity["value"]
at = lambda point: (number(point["x"]), number(point["y"]))
in_space = lambda point: cq.Vector(number(point["x"]), number(point["y"]), number(point["z"]))


def wire(outline):
    """One closed outline on the XY plane."""
    shape = outline["shape"]
    kind, n = shape["kind"], lambda key: number(shape[key])
    work = cq.Workplane("XY")
    if kind == "rectangle":
        radius = number(shape["corner_radius"]) if "corner_radius" in shape and shape["corner_radius"] else 0
        made = work.rect(n("length"), n("width")).wires().val()
        if radius:
            made = rounded(n("length"), n("width"), radius)._faces.Wires()[0]
    elif kind == "circle":
        made = work.circle(n("diameter") / 2).wires().val()
    elif kind == "ellipse":
        made = work.ellipse(n("length") / 2, n("width") / 2).wires().val()
    elif kind == "slot":
        made = work.slot2D(n("length"), n("width")).wires().val()
    elif kind == "regular_polygon":
        sides = int(n("sides"))
        half = math.pi / sides
        radius = n("size") / 2 / (math.cos(half) if shape.get("across_flats") else 1)
        # One side lies level below.
        corners = [2 * half * i + half - math.pi / 2 for i in range(sides)]
        made = work.polyline([(radius * math.cos(a), radius * math.sin(a)) for a in corners]).close().wires().val()
    elif kind == "polygon":
        made = work.polyline([at(p) for p in shape["points"]]).close().wires().val()
    elif kind == "path":
        work = work.moveTo(*at(shape["start"]))
        for segment in shape["segments"]:
            work = work.threePointArc(at(segment["via"]), at(segment["to"])) if segment["kind"] == "arc" else work.lineTo(*at(segment["to"]))
        made = cq.Wire.assembleEdges(work.ctx.pendingEdges)
    elif kind == "gear":
        pressure = number(shape["pressure_angle"]) if shape.get("pressure_angle") else 20
        made = gear_outline(int(n("teeth")), n("module"), math.radians(pressure)).wires().val()
    else:
        raise NotImplementedError(f"an outline of {kind}")
    if outline.get("rotation"):
        made = made.rotate(cq.Vector(0, 0, 0), cq.Vector(0, 0, 1), number(outline["rotation"]))
    if outline.get("centre"):
        x, y = at(outline["centre"])
        made = made.translate(cq.Vector(x, y, 0))
    return made


def wires(sketch):
    return wire(sketch["outline"]), [wire(hole) for hole in sketch.get("holes", [])]


def face(sketch):
    outer, holes = wires(sketch)
    return cq.Face.makeFromWires(outer, holes)


def pushed(sketch, height, v, start=0.0):
    """From z = start by a height that may be negative; leaning walls close in on the way, whichever way that is."""
    draft, twist = v.get("draft", 0), v.get("twist", 0)
    if twist and draft:
        # Turning level sections evenly moves no volume (Cavalieri): the untwisted one holds as much.
        twist = 0
    if twist:
        outer, holes = wires(sketch)
        solid = cq.Solid.extrudeLinearWithRotation(outer, holes, cq.Vector(0, 0, 0), cq.Vector(0, 0, height), twist)
    elif draft:
        # Material leans inwards everywhere: outlines close in and holes widen.
        outer, holes = wires(sketch)
        solid = leaning(outer, height, draft)
        for hole in holes:
            solid = solid.cut(leaning(hole, height, -draft))
    else:
        solid = cq.Solid.extrudeLinear(face(sketch), cq.Vector(0, 0, height))
    return solid.translate(cq.Vector(0, 0, start))


def leaning(outline, height, draft):
    if draft > 0:
        return cq.Solid.extrudeLinear(cq.Face.makeFromWires(outline), cq.Vector(0, 0, height), draft)
    # A prism that widens has rounded corners in OpenCASCADE; these stay sharp.
    wide = outline.offset2D(abs(height) * math.tan(math.radians(-draft)), "intersection")[0]
    return cq.Solid.makeLoft([outline, wide.translate(cq.Vector(0, 0, height))], True)


def stood(solid):
    """A body that begins a part stands on z = 0 where it is drawn."""
    box = solid.BoundingBox(1e-4)
    body = Body(cq.Workplane(obj=solid.translate(cq.Vector(0, 0, -box.zmin))), (box.xlen, box.ylen, box.zlen))
    body.base = ((box.xmin + box.xmax) / 2, (box.ymin + box.ymax) / 2, 0.0)
    return body


def apply(body, c, said, make):
    """Places what `make(site, mode)` gives in a face's drawing plane, and adds, cuts or intersects it."""
    piece, mode = acts_on(body, c, said.get("placement")), c.get("mode", "add")
    for site in sites(body, said.get("placement"), piece):
        for solid in make(site, mode):
            tool = cq.Workplane(obj=solid.moved(cq.Location(site.drawing())))
            if mode == "add":
                body.add(tool, piece)
            elif mode == "cut":
                body.cut(tool, piece)
            else:
                body.pieces[piece] = body.pieces[piece].intersect(tool)
    return body


@sketched
def extrude(body, v, c, said, _):
    sketch = said["sketches"][0]
    if body is None:
        return stood(pushed(sketch, v["height"], v))
    text = sketch["outline"]["shape"]

    def make(site, mode):
        if text["kind"] == "text":
            x, y = at(sketch["outline"]["centre"]) if sketch["outline"].get("centre") else (0, 0)
            depth = v["height"]
            work = letters(text["text"], number(text["height"]), depth).translate((x, y, 0 if mode == "add" else -depth))
            box = work.val().BoundingBox()
            # The baseline is centred on its place.
            work = work.translate((-box.xmin - box.xlen / 2, 0, 0))
            return work.solids().vals()
        if mode == "add":
            # On a curved side it stands on the surface all round.
            curved = body.round and site.outward[2] == 0
            return [pushed(sketch, v["height"], v)] + ([pushed(sketch, -body.size[0] / 4, {})] if curved else [])
        height = v.get("height") or reach(body, site, body.first)
        slanted = v.get("draft", 0) or v.get("twist", 0)
        alone = slanted or mode == "intersect"
        return [pushed(sketch, -height, v)] + ([] if alone else [pushed(sketch, 1, {})])

    return apply(body, c, said, make)


@sketched
def revolve(body, v, c, said, _):
    outer, holes = wires(said["sketches"][0])
    # Drawn with x as the radius and y as the height.
    turn = cq.Solid.revolve(outer, holes, v["angle"], cq.Vector(0, 0, 0), cq.Vector(0, 1, 0))
    upright = turn.rotate(cq.Vector(0, 0, 0), cq.Vector(1, 0, 0), 90)
    if body is None:
        made = stood(upright)
        made.round = v["angle"] == 360
        return made
    flipped = upright.rotate(cq.Vector(0, 0, 0), cq.Vector(1, 0, 0), 180)
    return apply(body, c, said, lambda site, mode: [upright if mode == "add" else flipped])


def swept(said):
    sketch, path = said["sketches"][0], said["path"]
    outer, holes = wires(sketch)
    if path["kind"] == "helix":
        radius, pitch, turns = number(path["diameter"]) / 2, number(path["pitch"]), number(path["turns"])
        spine = cq.Wire.makeHelix(pitch, pitch * turns, radius, lefthand=path.get("left_handed", False))
        # The sketch stands upright, its x away from the axis.
        place = cq.Location(cq.Plane((radius, 0, 0), (1, 0, 0), (0, -1, 0)))
        return cq.Solid.sweep(outer.moved(place), [h.moved(place) for h in holes], spine, True, True)
    here, edges = in_space(path["start"]), []
    start = here
    for segment in path["segments"]:
        to = in_space(segment["to"])
        edges.append(cq.Edge.makeThreePointArc(here, in_space(segment["via"]), to) if segment["kind"] == "arc" else cq.Edge.makeLine(here, to))
        here = to
    spine = cq.Wire.assembleEdges(edges)
    along = edges[0].tangentAt(0)
    upright = abs(along.z) > 1 - 1e-9
    level = cq.Vector(1, 0, 0) if upright else cq.Vector(0, 0, 1).cross(along)
    place = cq.Location(cq.Plane(start.toTuple(), level.toTuple(), along.toTuple()))
    return cq.Solid.sweep(outer.moved(place), [h.moved(place) for h in holes], spine, True, False, None, "right")


@sketched
def sweep(body, v, c, said, _):
    solid = swept(said)
    if body is None:
        return stood(solid)
    if said["path"]["kind"] == "helix" and c.get("mode") != "add":
        # A helix that cuts goes inwards.
        solid = solid.rotate(cq.Vector(0, 0, 0), cq.Vector(1, 0, 0), 180)
    return apply(body, c, said, lambda site, mode: [solid])


def lofted(said, c):
    kinds = {sketch["outline"]["shape"]["kind"] for sketch in said["sketches"]}
    if len(kinds) > 1:
        raise NotImplementedError("the skin between unlike outlines is each program's own")
    if c["surface"] == "smooth":
        raise NotImplementedError("a smooth skin through outlines is each program's own")
    rings = []
    for sketch in said["sketches"]:
        height = number(sketch["height"]) if sketch.get("height") else 0
        rings.append(wire(sketch["outline"]).translate(cq.Vector(0, 0, height)))
    return cq.Solid.makeLoft(rings, True)


@sketched
def loft(body, v, c, said, _):
    if body is None:
        return stood(lofted(said, c))
    solid = lofted(said, c)
    flipped = solid.mirror("XY")
    return apply(body, c, said, lambda site, mode: [solid if mode == "add" else flipped])


def brought(folder, scale):
    step = folder / "imported.step"
    if step.exists():
        solid = cq.importers.importStep(str(step)).solids().val()
    else:
        import trimesh

        mesh = trimesh.load_mesh(str(folder / "imported.stl"))
        faces = [cq.Face.makeFromWires(cq.Wire.makePolygon([cq.Vector(*mesh.vertices[i]) for i in t], close=True)) for t in mesh.faces]
        solid = cq.Solid.makeSolid(cq.Shell.makeShell(faces))
        solid = solid if solid.Volume() > 0 else cq.Solid(solid.wrapped.Reversed())
    return solid.scale(scale) if scale != 1 else solid


@sketched
def import_(body, v, c, said, folder):
    return stood(brought(folder, v.get("scale", 1)))


@sketched
def combine(body, v, c, said, folder):
    solid = brought(folder, v.get("scale", 1)).rotate(cq.Vector(0, 0, 0), cq.Vector(0, 0, 1), v.get("angle", 0))
    tool = cq.Workplane(obj=solid.translate(cq.Vector(v.get("x", 0), v.get("y", 0), v.get("z", 0))))
    mode = c.get("mode", "add")
    if mode == "add":
        body.add(tool)
    elif mode == "cut":
        body.cut(tool)
    else:
        body.solid = body.solid.intersect(tool)
    return body


# ISO 261, coarse pitches.
COARSE = {3: 0.5, 4: 0.7, 5: 0.8, 6: 1.0, 8: 1.25, 10: 1.5, 12: 1.75, 16: 2.0, 20: 2.5}


def thread_on(body, v, placement, d, left):
    """On the upright bosses of an operation: what lies between the shank and the thread is cut away from the far end."""
    for what, piece, tool in list(body.done[placement["on"]]):
        box = tool.val().BoundingBox()
        shank = d or box.xlen
        if what != "add" or abs(box.xlen - box.ylen) > 1e-6 or abs(box.xlen - shank) > 0.3:
            raise NotImplementedError("a thread on what is no upright boss")
        long, x, y = v["length"], (box.xmin + box.xmax) / 2, (box.ymin + box.ymax) / 2
        rod = threaded_rod(shank, v.get("pitch") or COARSE[shank], long, v["clearance"], left)
        sleeve = cylinder(box.xlen + 0.2, long).cut(rod).translate((x, y, box.zmax - long))
        body.pieces[piece] = body.pieces[piece].cut(sleeve)
    return body


@sketched
def thread(body, v, c, said, _):
    if c["representation"] == "cosmetic":
        return body
    size = c.get("size", "").lstrip("M")
    left = c["hand"] == "left"
    if said.get("placement"):
        return thread_on(body, v, said["placement"], float(size) if size else v.get("diameter"), left)
    d = v.get("diameter") or (float(size) if size else body.size[0])
    pitch = v.get("pitch") or COARSE[d]
    h = body.size[2]
    long = v.get("length", h)
    rod = threaded_rod(d, pitch, long, v["clearance"], left).translate((0, 0, h - long))
    body.solid = rod.union(cylinder(body.size[0], h - long)) if h - long > 1e-6 else rod
    return body
