"""The operations that change a body, in CadQuery: holes, pockets, slots, bosses, shells, patterns, rounded and bevelled edges.

Each gets the body, the operation's resolved values and choices, its placement and the kinds of the history so far.
"""

import math

import cadquery as cq

from common import cylinder, rod, rounded, turned

OPERATIONS = {}


def operation(function):
    OPERATIONS[function.__name__] = function
    return function


class Site:
    """A place on the surface: a point, the direction out of the body, and the one along the face's width."""

    def __init__(self, point, outward, along, up, thickness):
        self.point, self.outward, self.along, self.up, self.thickness = point, outward, along, up, thickness

    def plane(self, above):
        """A plane whose normal points into the body, this far above the surface."""
        origin = tuple(p + above * n for p, n in zip(self.point, self.outward))
        return cq.Plane(origin, self.along, tuple(-n for n in self.outward))

    def drawing(self):
        """The plane that a person draws on who looks at the face from outside, its y upwards."""
        up, outward = cq.Vector(*self.up), cq.Vector(*self.outward)
        return cq.Plane(self.point, up.cross(outward).toTuple(), self.outward)

    def outward_plane(self, below):
        origin = tuple(p - below * n for p, n in zip(self.point, self.outward))
        return cq.Plane(origin, self.along, self.outward)


def sites(body, placement, piece):
    face, position = (placement["face"], placement["position"]) if placement else ("top", {"kind": "centre"})
    n = lambda key: position[key]["value"]
    if body.round and (face not in ("top", "bottom") or position["kind"] == "around"):
        return round_sites(body, face, position, n)
    l, w, h = body.size
    bx, by, bz = body.base
    if placement and placement.get("on"):
        raise NotImplementedError("a place on another operation's end")
    # The top of what is open above is the floor inside; the lid has its own.
    if piece == "lid":
        level, deep = h, body.lid
    elif body.hollow and body.roof:
        level, deep = h, body.roof
    elif body.hollow and body.floor:
        level, deep = body.floor, body.floor
    else:
        level, deep = h, h
    wall = lambda across: body.wall if body.hollow else across
    below = body.floor if body.hollow and body.floor else h
    X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
    centre, outward, u, v, span, thickness = {
        "top": ((0, 0, level), Z, X, Y, (l, w), deep),
        "bottom": ((0, 0, 0), (0, 0, -1), X, Y, (l, w), below),
        "front": ((0, -w / 2, h / 2), (0, -1, 0), X, Z, (l, h), wall(w)),
        "back": ((0, w / 2, h / 2), Y, X, Z, (l, h), wall(w)),
        "left": ((-l / 2, 0, h / 2), (-1, 0, 0), Y, Z, (w, h), wall(l)),
        "right": ((l / 2, 0, h / 2), X, Y, Z, (w, h), wall(l)),
    }["front" if face == "side" else face]
    row = lambda count, pitch: [pitch * (i - (count - 1) / 2) for i in range(count)]
    kind = position["kind"]
    if kind == "centre":
        places = [(0, 0)]
    elif kind == "offset":
        places = [(n("u"), n("v"))]
    elif kind == "from_corner":
        places = [(n("u") - span[0] / 2, n("v") - span[1] / 2)]
    elif kind == "corners":
        a, b = span[0] / 2 - n("inset"), span[1] / 2 - n("inset")
        places = [(-a, -b), (a, -b), (a, b), (-a, b)]
    elif kind == "grid":
        places = [(x, y) for y in row(int(n("rows")), n("pitch_v")) for x in row(int(n("columns")), n("pitch_u"))]
    elif kind == "circle":
        angles = [math.radians(n("start") + 360 * i / n("count")) for i in range(int(n("count")))]
        places = [(n("diameter") / 2 * math.cos(a), n("diameter") / 2 * math.sin(a)) for a in angles]
    elif kind == "row":
        places = [(x, 0) for x in row(int(n("count")), n("pitch"))]
    elif kind == "points":
        places = [(p["x"]["value"], p["y"]["value"]) for p in position["points"]]
    elif kind == "anchored":
        offset = {"low": lambda d, s: d - s / 2, "high": lambda d, s: s / 2 - d, "centre": lambda d, s: d}
        places = [tuple(offset[position[k]["from"]](position[k]["distance"]["value"], s) for k, s in zip("uv", span))]
    elif kind == "edge":
        a, i = n("along"), n("inset")
        places = [{"low_u": (i - span[0] / 2, a), "high_u": (span[0] / 2 - i, a), "low_v": (a, i - span[1] / 2), "high_v": (a, span[1] / 2 - i)}[position["edge"]]]
    else:
        raise NotImplementedError(kind)
    at = lambda a, b: tuple(c + o + a * p + b * q for c, o, p, q in zip(centre, (bx, by, bz), u, v))
    return [Site(at(a, b), outward, u, v, thickness) for a, b in places]


def round_sites(body, face, position, n):
    facing = {"back": 90, "left": 180, "right": 0}.get(face, 270)
    middle = body.size[2] / 2
    kind = position["kind"]
    if kind == "centre":
        places = [(facing, middle)]
    elif kind == "around":
        places = [(n("angle"), n("height"))]
    elif kind == "circle":
        places = [(n("start") + 360 * i / n("count"), middle) for i in range(int(n("count")))]
    elif kind == "offset":
        z = middle + n("v")
        places = [(facing + math.degrees(n("u") / body.radius_at(z)), z)]
    else:
        raise NotImplementedError(kind)
    found = []
    for angle, z in places:
        a, r = math.radians(angle), body.radius_at(z)
        out = (math.cos(a), math.sin(a), 0)
        thickness = body.wall if body.hollow else 2 * r
        found.append(Site((r * out[0], r * out[1], z), out, (-out[1], out[0], 0), (0, 0, 1), thickness))
    return found


def acts_on(body, choices, placement):
    piece = choices.get("piece", "auto")
    if piece == "body":
        return body.first
    on_top = placement is not None and placement["face"] == "top"
    return "lid" if piece == "lid" or (on_top and "lid" in body.pieces) else body.first


def reach(body, site, piece):
    """How far a through tool goes: across the whole body, or into the hollow behind one wall."""
    if not body.hollow or piece == "lid":
        return sum(body.size) * 2
    if body.round and site.outward[2] == 0:
        return math.hypot(site.point[0], site.point[1])
    return site.thickness + 1


@operation
def hole(body, v, c, placement):
    piece, kind, d = acts_on(body, c, placement), c["kind"], v["diameter"]
    if kind not in ("through", "blind", "counterbore", "countersink") or c.get("bottom", "flat") != "flat":
        raise NotImplementedError(f"a hole of the kind {kind}")
    # A tool starts above whatever stands on the face, and on a tapered side beyond the far edge of the hole.
    above = 1 + (0 if kind != "through" else body.bosses) + (d if body.round else 0)
    tools = []
    for site in sites(body, placement, piece):
        length = v["depth"] if kind == "blind" else reach(body, site, piece)
        tools.append(cq.Workplane(site.plane(above)).circle(d / 2).extrude(above + length))
        if kind == "counterbore":
            tools.append(cq.Workplane(site.plane(1)).circle(v["head_diameter"] / 2).extrude(1 + v["head_depth"]))
        if kind == "countersink":
            # 90 degrees, as metric countersunk screws have.
            head, deep = v["head_diameter"] / 2, (v["head_diameter"] - d) / 2
            inward = cq.Vector(*site.outward) * -1
            tools.append(cq.Workplane(obj=cq.Solid.makeCone(head, d / 2, deep, cq.Vector(*site.point), inward)))
            tools.append(cq.Workplane(site.plane(1)).circle(head).extrude(1))
    if len(tools) > 20:
        # Hundreds of holes one after another take CadQuery a minute.
        body.cut(cq.Workplane(obj=cq.Compound.makeCompound([tool.val() for tool in tools])), piece)
    else:
        for tool in tools:
            body.cut(tool, piece)


@operation
def pocket(body, v, c, placement):
    piece, l, w = acts_on(body, c, placement), v["length"], v["width"]
    for site in sites(body, placement, piece):
        deep = 1 + (reach(body, site, piece) if c["through"] == "yes" else v["depth"])
        work = cq.Workplane(site.plane(1))
        if c["shape"] == "round":
            tool = work.circle(l / 2).extrude(deep)
        elif c["shape"] == "slot":
            tool = work.slot2D(max(l, w), min(l, w), 0 if l > w else 90).extrude(deep)
        else:
            tool = work.placeSketch(rounded(l, w, v["corner_radius"])).extrude(deep)
        body.cut(tool, piece)


@operation
def notch(body, v, c, placement):
    l, w, h = body.size
    bx, by, _ = body.base
    box = lambda x, y, high: cq.Workplane("XY").box(x, y, high, centered=(True, True, False))
    deep, inwards, at = v.get("depth", h), v["width"], v["offset"]
    along = {"front": l, "back": l, "left": w, "right": w}[c["edge"]]
    long = v.get("length", along)
    at = at if "length" in v else 0
    x, y = {
        "front": (at, inwards / 2 - w / 2),
        "back": (at, w / 2 - inwards / 2),
        "left": (inwards / 2 - l / 2, at),
        "right": (l / 2 - inwards / 2, at),
    }[c["edge"]]
    tool = box(long, inwards, deep) if c["edge"] in ("front", "back") else box(inwards, long, deep)
    body.cut(tool.translate((bx + x, by + y, h - deep)))


@operation
def slot(body, v, c, placement):
    piece = acts_on(body, c, placement)
    long = v["length"] + (v["width"] if c["measured"] == "centres" else 0)
    turn = 90 if c["direction"] == "across" else 0
    above = 1 + (long if body.round else 0)
    for site in sites(body, placement, piece):
        deep = v.get("depth") or reach(body, site, piece)
        body.cut(cq.Workplane(site.plane(above)).slot2D(long, v["width"], turn).extrude(above + deep), piece)


@operation
def boss(body, v, c, placement):
    piece, d, h = acts_on(body, c, placement), v["diameter"], v["height"]
    for site in sites(body, placement, piece):
        # On a curved side it stands on the surface all round.
        sunk = d / 2 if body.round and site.outward[2] == 0 and not body.hollow else min(0.25, site.thickness / 2)
        body.add(cq.Workplane(site.outward_plane(sunk)).circle(d / 2).extrude(sunk + h), piece)
        if v["bore"]:
            body.cut(cq.Workplane(site.plane(h + 1)).circle(v["bore"] / 2).extrude(h + 1), piece)
    body.bosses = max(body.bosses, h)


@operation
def pad(body, v, c, placement):
    piece, l, w, h = acts_on(body, c, placement), v["length"], v["width"], v["height"]
    for site in sites(body, placement, piece):
        # On a curved side it stands on the surface all round.
        sunk = body.size[0] / 4 if body.round and site.outward[2] == 0 else min(0.25, site.thickness / 2)
        body.add(cq.Workplane(site.outward_plane(sunk)).placeSketch(rounded(l, w, v["corner_radius"])).extrude(sunk + h), piece)
    body.bosses = max(body.bosses, h)


@operation
def rib(body, v, c, placement):
    piece = acts_on(body, c, placement)
    l, t = (v["length"], v["thickness"]) if c["direction"] == "along" else (v["thickness"], v["length"])
    for site in sites(body, placement, piece):
        body.add(cq.Workplane(site.outward_plane(0.2)).rect(l, t).extrude(0.2 + v["height"]), piece)
    body.bosses = max(body.bosses, v["height"])


@operation
def channel(body, v, c, placement):
    piece, far = acts_on(body, c, placement), 4 * sum(body.size)
    across, along = (v["width"], far) if c["direction"] == "across" else (far, v["width"])
    x, y = (v["offset"], 0) if c["direction"] == "across" else (0, v["offset"])
    for site in sites(body, placement, piece):
        # The plane looks into the body, so its y runs against the face's.
        body.cut(cq.Workplane(site.plane(1)).center(x, -y).rect(across, along).extrude(1 + v["depth"]), piece)


@operation
def shell(body, v, c, placement):
    faces = {"top": [">Z"], "bottom": ["<Z"], "both": [">Z", "<Z"], "front": ["<Y"], "back": [">Y"], "left": ["<X"], "right": [">X"], "none": []}
    opened = [body.solid.faces(selector).val() for selector in faces[c["open"]]]
    value, t = body.solid.solids().val(), v["thickness"]
    body.solid = cq.Workplane(obj=value.hollow(opened, -t, kind="intersection"))
    body.hollow, body.wall = True, t
    body.floor = 0 if c["open"] in ("bottom", "both") else t
    body.roof = 0 if c["open"] in ("top", "both") else t


@operation
def mirror(body, v, c, placement):
    axis = "xyz".index(c["plane"])
    low = [body.base[0] - body.size[0] / 2, body.base[1] - body.size[1] / 2, body.base[2]]
    at = {"left": low[0], "right": low[0] + body.size[0], "front": low[1], "back": low[1] + body.size[1], "bottom": low[2], "top": low[2] + body.size[2]}
    place = at.get(c["about"], low[axis] + body.size[axis] / 2)
    origin = [0.0, 0.0, 0.0]
    origin[axis] = place
    image = body.solid.mirror(("YZ", "XZ", "XY")[axis], tuple(origin))
    body.solid = image if c["keep"] == "no" else body.solid.union(image)


@operation
def pattern(body, v, c, placement):
    done, n, m, kind = list(body.done[c["of"]]), int(v["count"]), int(v["count_2"]), c["kind"]
    axis = {"auto": 2 if kind == "circular" else 0, "x": 0, "y": 1, "z": 2}[c["direction"]]
    shift = lambda by, along: tuple(by if i == along else 0 for i in range(3))
    moves = []
    if kind == "circular":
        whole = abs(abs(v["angle"]) - 360) < 1e-9
        step = v["angle"] / (n if whole else n - 1)
        centre = (body.base[0], body.base[1], body.base[2] + (0 if axis == 2 else body.size[2] / 2))
        end = tuple(p + (1 if i == axis else 0) for i, p in enumerate(centre))
        moves = [lambda tool, a=step * i: tool.rotate(centre, end, a) for i in range(1, n)]
    else:
        second = 1 if axis == 0 else 0
        for j in range(m if kind == "grid" else 1):
            for i in range(n):
                if i or j:
                    by = cq.Vector(*shift(v["pitch"] * i, axis)) + cq.Vector(*shift(v["pitch_2"] * j, second))
                    moves.append(lambda tool, by=by: tool.translate(by))
    for what, piece, tool in done:
        copies = [move(tool) for move in moves]
        for copy in copies:
            body.pieces[piece] = body.pieces[piece].union(copy) if what == "add" else body.pieces[piece].cut(copy)


def outline(solid, selector):
    return solid.faces(selector).val().outerWire().Edges()


def vertical(solid):
    """Straight upright edges that end on the top or the bottom of the body."""
    box = solid.val().BoundingBox()
    ends = lambda e: any(abs(p.z - z) < 1e-6 for p in (e.startPoint(), e.endPoint()) for z in (box.zmin, box.zmax))
    return [e for e in solid.edges("|Z").vals() if ends(e)]


def chosen(body, word):
    solid, edges = body.solid, []
    if word in ("vertical", "all") and not body.round:
        edges += [e for e in vertical(solid) if outer_corner(body, e)]
    sides = {"front": "<Y", "back": ">Y", "left": "<X", "right": ">X"}
    if word in sides:
        edges += outline(solid, sides[word])
    if word.startswith("along_"):
        edges += [e for e in solid.edges("|" + word[-1].upper()).vals() if outer_corner(body, e)]
    if word in ("top", "all"):
        edges += outline(solid, ">Z")
    if word in ("bottom", "all"):
        edges += outline(solid, "<Z")
    unique = []
    for edge in edges:
        if not any(edge.isSame(other) for other in unique):
            unique.append(edge)
    return unique


def outer_corner(body, edge):
    """Rounding leaves seams where flat and curved faces are tangent already; only corners can be blended."""
    faces = [f for f in body.solid.faces().vals() if any(edge.isSame(e) for e in f.Edges())]
    if len(faces) != 2:
        return False
    middle = edge.positionAt(0.5)
    a, b = (f.normalAt(middle) for f in faces)
    return a.dot(b) < 0.9998


def seam(body, of):
    """Edges between a face that an operation made and one that it did not."""
    shells = [tool.val() for _, _, tool in body.done[of]]
    shells = [shell for solid in shells for shell in (solid.Shells() if hasattr(solid, "Shells") else [])]

    def made(face):
        surface, (u0, u1, v0, v1) = face._geomAdaptor(), face._uvBounds()
        point = surface.Value((u0 + u1) / 2 + 0.0123, (v0 + v1) / 2 + 0.0071)
        return any(shell.distance(cq.Vertex.makeVertex(point.X(), point.Y(), point.Z())) < 1e-5 for shell in shells)

    faces = body.solid.faces().vals()
    own = [made(face) for face in faces]
    found = []
    for edge in body.solid.edges().vals():
        beside = {mark for face, mark in zip(faces, own) if any(edge.isSame(e) for e in face.Edges())}
        if beside == {True, False}:
            found.append(edge)
    return found


def is_toothed(history):
    return history[0] == "gear" or history[0] == "knob"


def turn_rim(body, size, word, round_edge):
    """The rim of a toothed body is broken by turning, as on a lathe: what stays is inside the turned form."""
    r, h = body.size[0] / 2, body.size[2]
    top, bottom = word in ("top", "all"), word in ("bottom", "all")
    k = size * (1 - math.sqrt(0.5))
    work = cq.Workplane("XZ").moveTo(0, 0)
    if bottom:
        work = work.lineTo(r - size, 0)
        work = work.threePointArc((r - k, k), (r, size)) if round_edge else work.lineTo(r, size)
    else:
        work = work.lineTo(r, 0)
    if top:
        work = work.lineTo(r, h - size)
        work = work.threePointArc((r - k, h - k), (r - size, h)) if round_edge else work.lineTo(r - size, h)
    else:
        work = work.lineTo(r, h)
    form = work.lineTo(0, h).close().revolve(360, (0, 0, 0), (0, 1, 0))
    body.solid = body.solid.intersect(form)


def blend(body, size, c, history, round_edge):
    word = c["edges"]
    if c.get("of"):
        edges, value = seam(body, c["of"]), body.solid.solids().val()
        body.solid = cq.Workplane(obj=value.fillet(size, edges) if round_edge else value.chamfer(size, None, edges))
        return None
    if is_toothed(history):
        return turn_rim(body, size, word, round_edge)
    if word == "vertical" and history[0] in ("box", "tray", "box_with_lid") and round_edge:
        raise NotImplementedError("rounded walls of a hollow box are a parameter of the box here")
    solid = cq.Workplane(obj=body.solid.clean().val()) if len(history) > 1 else body.solid
    body.solid = solid
    edges = chosen(body, word)
    value = body.solid.val()
    value = value if isinstance(value, cq.Solid) else body.solid.solids().val()
    body.solid = cq.Workplane(obj=value.fillet(size, edges) if round_edge else value.chamfer(size, None, edges))


@operation
def fillet(body, v, c, placement, history=()):
    blend(body, v["radius"], c, history, True)


@operation
def chamfer(body, v, c, placement, history=()):
    blend(body, v["distance"], c, history, False)
