"""More families of the catalogue in CadQuery: plumbing, furniture, holders, trays and test pieces."""

import math

import cadquery as cq

from common import Body, cuboid, cylinder, on_circle, profile_front, profile_side, ring, rod, rounded, turned, upright, volume
from families import family, tapered_shell
from letters import letters


@family
def saucer(v, c, _):
    d, h, base = v["diameter"], v["height"], v["base_diameter"]
    return Body(tapered_shell(d, base, h, v["wall"], v["floor"]), (d, d, h), round_body=True, wall=v["wall"], floor=v["floor"])


@family
def bushing(v, c, _):
    bore, outer, h, flange = v["inner_diameter"], v["outer_diameter"], v["height"], v["flange_diameter"]
    solid = cylinder(outer, h)
    if flange:
        solid = solid.union(cylinder(flange, v["flange_thickness"]))
    widest = max(outer, flange)
    return Body(solid.cut(cylinder(bore, h)), (widest, widest, h), round_body=True, wall=(outer - bore) / 2)


@family
def foot(v, c, _):
    top, base, h, hole, head, deep = (v[k] for k in ("diameter", "base_diameter", "height", "hole_diameter", "head_diameter", "head_depth"))
    solid = turned([(0, 0), (base / 2, 0), (top / 2, h), (0, h)])
    if c["screw"] != "none":
        solid = solid.cut(cylinder(hole, h)).cut(cylinder(head, deep))
    if c["screw"] == "countersink":
        cone = (head - hole) / 2
        solid = solid.cut(cq.Workplane(obj=cq.Solid.makeCone(head / 2, hole / 2, cone, cq.Vector(0, 0, deep))))
    return Body(solid, (top, top, h), round_body=True)


@family
def pipe(v, c, clearance):
    outer, inner, l, ends = v["outer_diameter"], v["inner_diameter"], v["length"], c["ends"]
    solid = cylinder(outer, l)
    if ends.startswith("flange"):
        flange, thick = v["flange_diameter"], v["flange_thickness"]
        holes = on_circle(int(v["hole_count"]), (flange + outer) / 2, 0)
        disc = cylinder(flange, thick).cut(cq.Workplane("XY").pushPoints(holes).circle(v["hole_diameter"] / 2).extrude(thick))
        solid = solid.union(disc)
        if ends == "flanges":
            solid = solid.union(disc.translate((0, 0, l - thick)))
    if ends == "socket":
        # The socket takes the next pipe with the fit's gap, is as thick as the pipe, and widens by 45 degrees.
        bore, wall, ledge = outer / 2 + clearance, (outer - inner) / 2, l - v["socket_depth"]
        wide = bore + wall
        knee = ledge - wall
        solid = solid.union(turned([(0, knee - (wide - outer / 2)), (outer / 2, knee - (wide - outer / 2)), (wide, knee), (wide, l), (0, l)]))
        solid = solid.cut(cylinder(2 * bore, l - ledge, 0, 0, ledge))
    return Body(solid.cut(cylinder(inner, l)), (outer, outer, l), round_body=True, wall=(outer - inner) / 2)


@family
def elbow(v, c, _):
    outer, inner, bend, angle, leg = (v[k] for k in ("outer_diameter", "inner_diameter", "bend_radius", "angle", "leg_length"))
    section = lambda: cq.Workplane("XY").circle(outer / 2).circle(inner / 2)
    # Turned about an axis a bend's radius beside the pipe.
    solid = section().revolve(angle, (bend, 0, 0), (bend, 1, 0))
    if leg:
        # Straight on below the bend and beyond its end.
        solid = solid.union(section().extrude(-leg))
        turn = lambda work: work.rotate((bend, 0, 0), (bend, 1, 0), angle)
        solid = solid.union(turn(section().extrude(leg)))
    return Body(solid, (outer, outer, outer))


@family
def tee(v, c, _):
    outer, wall, l, branch, reach = (v[k] for k in ("outer_diameter", "wall", "length", "branch_diameter", "branch_length"))
    solid = cylinder(outer, l).union(rod(branch, (0, 0, l / 2), (1, 0, 0), reach))
    solid = solid.cut(cylinder(outer - 2 * wall, l)).cut(rod(branch - 2 * wall, (0, 0, l / 2), (1, 0, 0), reach))
    return Body(solid, (reach + outer / 2, outer, l))


@family
def gusset(v, c, _):
    l, h, t, nose, relief = v["length"], v["height"], v["thickness"], v["nose"], v["relief"]
    outline = [(l, 0)] + ([(l, nose), (nose, h)] if nose else []) + [(0, h)] + ([(0, relief), (relief, 0)] if relief else [(0, 0)])
    area = cq.Workplane("XY").polyline(outline).close().extrude(t)
    # Holes lie inside it, wherever they are.
    total = area.val().Volume() - int(v["hole_count"]) * math.pi / 4 * v["hole_diameter"] ** 2 * t
    if v["hole_count"]:
        middle = min(l, h) / 4
        holes = [(middle, middle), (middle + 1.5 * v["hole_diameter"], middle), (middle, middle + 1.5 * v["hole_diameter"])]
        area = area.cut(cq.Workplane("XY").pushPoints(holes[: int(v["hole_count"])]).circle(v["hole_diameter"] / 2).extrude(t))
        assert abs(area.val().Volume() / total - 1) < 1e-9
    return Body(area, (l, h, t))


@family
def drawer_divider(v, c, clearance):
    l, w, h, wall = v["length"], v["width"], v["height"], v["wall"]
    columns, rows = int(v["columns"]), int(v["rows"])
    if c["style"] == "comb":
        # Plates that halve over each other, two tenths deeper than half, as wide as a plate and the fit's gaps.
        slot, deep = wall + 2 * clearance, h / 2 + 0.2
        plate = lambda long, slots: cuboid(long, wall, h).cut(
            cq.Workplane("XY").pushPoints([(long * (k + 1) / (slots + 1) - long / 2, 0) for k in range(slots)]).rect(slot, 2 * wall).extrude(deep)
        )
        across, along = plate(w, rows - 1), plate(l, columns - 1)
        body = Body(across, (l, w, h), name="across-1")
        body.pieces.update({f"across-{i}": across for i in range(2, columns)})
        body.pieces.update({f"along-{i}": along for i in range(1, rows)})
        return body
    cx, cy = (l - (columns + 1) * wall) / columns, (w - (rows + 1) * wall) / rows
    floor = v["floor"] if c["bottom"] == "yes" else 0
    cells = cq.Workplane("XY", origin=(0, 0, floor)).rarray(cx + wall, cy + wall, columns, rows).rect(cx, cy).extrude(h)
    return Body(cuboid(l, w, h, v["corner_radius"]).cut(cells), (l, w, h), wall=wall, floor=floor)


@family
def shelf_bracket(v, c, _):
    l, h, w, t = v["length"], v["height"], v["width"], v["thickness"]
    box = lambda x0, x1, y0, y1, z0, z1: cq.Workplane("XY").box(x1 - x0, y1 - y0, z1 - z0, centered=False).translate((x0, y0, z0))
    solid = box(0, t, 0, w, 0, h).union(box(0, l, 0, w, h - t, h))
    rib = 0
    if c["brace"] != "none":
        rib = v["brace_thickness"]
        # From two leg's thicknesses along one leg to two along the other; a rib has an opening above a diagonal bar.
        brace = cq.Workplane("XZ").polyline([(0, 0), (2 * t, 0), (l, h - 2 * t), (l, h), (0, h)]).close().extrude(-rib)
        slope = (h - 2 * t) / (l - 2 * t)
        offset, left, top = 2 * t * math.hypot(1, slope), 1.5 * t, h - 1.5 * t
        low, right = slope * (left - 2 * t) + offset, 2 * t + (top - offset) / slope
        if c["brace"] == "rib" and top - low > 2 and right - left > 2:
            brace = brace.cut(cq.Workplane("XZ").polyline([(left, low), (right, top), (left, top)]).close().extrude(-rib))
        # Beside the brace the legs keep their own ends.
        solid = box(0, t, rib, w, 0, h).union(box(0, l, rib, w, h - t, h)).union(brace)
    n, d = int(v["hole_count"]), v["hole_diameter"]
    y = rib + (w - rib) / 2
    for i in range(n):
        along = lambda leg: 2 * t + (leg - 2 * t) / n * (i + 0.5)
        solid = solid.cut(cylinder(d, t + 2, along(l), y, h - t - 1)).cut(rod(d, (-1, y, h - along(h)), (1, 0, 0), t + 2))
    return Body(solid, (l, w, h))


@family
def handle(v, c, _):
    l, w, grip, clear, d, deep = (v[k] for k in ("length", "width", "grip", "clearance", "hole_diameter", "hole_depth"))
    spacing = v.get("hole_spacing", l - grip)
    post, h = l - spacing, clear + grip
    inner = l / 2 - post
    solid = cq.Workplane("XY").box(l, w, h, centered=(True, True, False))
    opening = cq.Workplane("XY").box(2 * inner, w, clear, centered=(True, True, False))
    if c["style"] == "rounded":
        outer_radius = 0.8 * min(post, grip)
        solid = solid.edges("|Y and >Z").fillet(outer_radius)
        opening = opening.edges("|Y and >Z").fillet(min(0.4 * min(clear, inner), outer_radius))
    solid = solid.cut(opening)
    for side in (-1, 1):
        solid = solid.cut(cylinder(d, deep, side * spacing / 2))
    return Body(solid, (l, w, h))


# ISO 273 medium series.
CLEARANCE_HOLE = {2: 2.4, 2.5: 2.9, 3: 3.4, 4: 4.5, 5: 5.5, 6: 6.6, 8: 9, 10: 11}


@family
def clamp(v, c, _):
    d, w, t, gap, bolt, ear = (v[k] for k in ("diameter", "width", "thickness", "gap", "bolt_diameter", "ear_thickness"))
    outer, tab, hole = d / 2 + t, 2 * bolt + 2, CLEARANCE_HOLE[bolt]
    whole = cq.Workplane("XZ").circle(outer).extrude(w)
    ears = cq.Workplane("XZ").rect(2 * (outer + tab), 2 * ear + gap).extrude(w)
    solid = whole.union(ears).cut(cq.Workplane("XZ").circle(d / 2).extrude(w)).cut(cq.Workplane("XZ").rect(4 * (outer + tab), gap).extrude(w))
    for side in (-1, 1):
        solid = solid.cut(cylinder(hole, 4 * outer, side * (outer + tab / 2), -w / 2, -2 * outer))
    return Body(solid, (2 * (outer + tab), w, 2 * outer))


@family
def cable_clip(v, c, clearance):
    d, w, t, opening, tabs, hole = (v[k] for k in ("diameter", "width", "thickness", "opening", "hole_count", "hole_diameter"))
    inner = (d + clearance) / 2
    outer, tab, middle = inner + t, 2.2 * hole + 2, t + inner
    right, left = (outer + tab if tabs > 0 else outer), (outer + tab if tabs > 1 else outer)
    front = lambda: cq.Workplane("XZ", origin=(0, w / 2, 0))
    ring_part = front().center(0, middle).circle(outer).extrude(w)
    foot_part = front().polyline([(-outer, 0), (outer, 0), (outer, middle), (-outer, middle)]).close().extrude(w)
    base = front().polyline([(-left, 0), (right, 0), (right, t), (-left, t)]).close().extrude(w)
    solid = ring_part.union(foot_part).union(base).cut(front().center(0, middle).circle(inner).extrude(w))
    # The cable snaps in between two radii that are the opening apart at the inside.
    sine = min(opening / 2 / inner, 0.99)
    far = 3 * outer
    cosine = math.sqrt(1 - sine * sine)
    wedge = front().polyline([(0, middle), (far * sine, middle + far * cosine), (-far * sine, middle + far * cosine)]).close().extrude(w)
    solid = solid.cut(wedge)
    for side in (1, -1)[: int(tabs)]:
        solid = solid.cut(cylinder(hole, t, side * (outer + tab / 2)))
    return Body(solid, (left + right, w, 2 * outer))


@family
def cable_grommet(v, c, clearance):
    d, h, wall, flange, opening = (v[k] for k in ("diameter", "height", "wall", "flange", "opening"))
    sleeve, rim = d / 2 - clearance, d / 2 + flange
    inner = sleeve - wall
    solid = cylinder(2 * sleeve, h).union(cylinder(2 * rim, wall, 0, 0, h - wall)).cut(cylinder(2 * inner, h))
    body = Body(solid, (2 * rim, 2 * rim, h), round_body=True, wall=wall, name="sleeve")
    if c["cap"] == "yes":
        # The cap lies in a seat half as deep as the flange is thick, with the fit's gap.
        ledge = inner + 0.6 * min(wall + clearance + flange, wall + 1)
        body.solid = solid.cut(cylinder(2 * ledge, wall / 2, 0, 0, h - wall / 2))
        radius = ledge - clearance
        slot = cq.Workplane("XY").circle(opening / 2).extrude(wall / 2)
        slot = slot.union(cq.Workplane("XY").center(0, -radius).rect(opening, 2 * radius).extrude(wall / 2))
        body.pieces["cap"] = cylinder(2 * radius, wall / 2).cut(slot)
    return body


@family
def gear_rack(v, c, _):
    m, l, h, t = v["module"], v["length"], v["height"], v["thickness"]
    pitch, lean = math.pi * m, math.tan(math.radians(v["pressure_angle"]))
    teeth = int(v.get("teeth", math.floor((l + 1e-6) / pitch)))
    solid = cq.Workplane("XY").box(l, h - 2.25 * m, t, centered=(True, False, False))
    crest, foot = pitch / 4 - m * lean, pitch / 4 + 1.25 * m * lean
    for i in range(teeth):
        x = pitch * (i - (teeth - 1) / 2)
        tooth = cq.Workplane("XY").polyline([(x - foot, h - 2.25 * m), (x + foot, h - 2.25 * m), (x + crest, h), (x - crest, h)]).close().extrude(t)
        solid = solid.union(tooth)
    return Body(solid, (l, h, t))


@family
def test_coupon(v, c, _):
    t = v["thickness"]
    if c["type"] == "cube":
        return Body(cuboid(v["size"], v["size"], v["size"]), (v["size"],) * 3)
    if c["type"] == "tolerance":
        d, n, step = v["hole_diameter"], int(v["hole_count"]), v["step"]
        rib, widest = max(d / 3, 3), d + step * n
        l, w = (widest + rib) * n + rib, widest + 2 * rib
        plate = cuboid(l, w, t, rib / 2)
        for i in range(n):
            plate = plate.cut(cylinder(d + step * (i + 1), t, -l / 2 + rib + widest / 2 + (widest + rib) * i))
        body = Body(plate, (l, w, t), name="plate")
        body.pieces["pin"] = cylinder(d + 2 * rib, 2).union(cylinder(d, t + 5))
        return body
    # ISO 527-2: overall and parallel length, radius of the shoulders; 20 mm wide at the ends and 10 between.
    l, n, r = (170, 80, 24) if c["type"] == "tensile_1a" else (150, 60, 60)
    run = math.sqrt(2 * r * 5 - 25)
    bar = cuboid(l, 20, t)
    for side in (-1, 1):
        y = side * (5 + r)
        waist = cq.Workplane("XY").center(0, side * 10).rect(n, 10).extrude(t)
        for end in (-1, 1):
            corner = cq.Workplane("XY").center(end * (n / 2 + run / 2), side * 10).rect(run, 10).extrude(t)
            waist = waist.union(corner.intersect(cylinder(2 * r, t, end * n / 2, y)))
        bar = bar.cut(waist)
    return Body(bar, (l, 20, t))


@family
def sign(v, c, _):
    l, w, t, n, d, depth = (v[k] for k in ("length", "width", "thickness", "hole_count", "hole_diameter", "text_depth"))
    inset = max(d, 5)
    x, y = l / 2 - inset, w / 2 - inset
    places = {0: [], 1: [(0, y)], 2: [(x, 0), (-x, 0)], 4: [(x, y), (-x, y), (-x, -y), (x, -y)]}[int(n)]
    solid = cuboid(l, w, t, v["corner_radius"])
    if places:
        solid = solid.cut(cq.Workplane("XY").pushPoints(places).circle(d / 2).extrude(t))
    body = Body(solid, (l, w, t))
    lines = [line for line in (c["text"].strip(), c.get("second_line", "").strip()) if line]
    solids = [letters(line, v["text_height"], depth) for line in lines]
    text = cq.Workplane(obj=cq.Compound.makeCompound([s for work in solids for s in work.solids().vals()]))
    if c["style"] == "raised":
        body.raised = text
    else:
        body.engraved = text
    return body


@family
def gridfinity_bin(v, c, _):
    columns, rows, wall = int(v["columns"]), int(v["rows"]), v["wall"]
    l, w, units, floor = 42 * columns - 0.5, 42 * rows - 0.5, 7 * v["height_units"], 4.75 + v["floor"]
    lip = c["lip"] == "yes"
    h = units + 3.8 if lip else units
    outside = lambda a, b, inset, z, up: cuboid(a - 2 * inset, b - 2 * inset, up, 3.75 - inset, z)

    def slope(a, b, inset0, z0, inset1, z1):
        """A block whose outline moves inwards or outwards by as much as it rises, by a tapered extrusion."""
        low = cq.Workplane("XY", origin=(0, 0, z0)).placeSketch(rounded(a - 2 * inset0, b - 2 * inset0, 3.75 - inset0))
        return low.extrude(z1 - z0, taper=math.degrees(math.atan2(inset1 - inset0, z1 - z0)))

    # The foot's profile: 0.8 mm at 45 degrees, 1.8 upright, 2.15 at 45 degrees.
    foot = slope(41.5, 41.5, 2.95, 0, 2.15, 0.8).union(outside(41.5, 41.5, 2.15, 0.8, 1.8)).union(slope(41.5, 41.5, 2.15, 2.6, 0, 4.75))
    solid = outside(l, w, 0, 4.75, h - 4.75)
    for i in range(columns):
        for j in range(rows):
            solid = solid.union(foot.translate((42 * (i - (columns - 1) / 2), 42 * (j - (rows - 1) / 2), 0)))
    if lip:
        # A stacking lip 2.6 mm wide on a 45 degree slope, 1.2 mm below the units' top; inside 0.7, 1.8 and 1.9 mm high,
        # its last 0.6 mm cut off.
        under, start = units - 1.2, units - 1.2 - (2.6 - wall)
        parts = [outside(l, w, wall, floor, start - floor), slope(l, w, wall, start, 2.6, under), outside(l, w, 2.6, under, 1.2)]
        parts += [slope(l, w, 2.6, units, 1.9, units + 0.7), outside(l, w, 1.9, units + 0.7, 1.8), slope(l, w, 1.9, units + 2.5, 0.2, units + 4.2)]
    else:
        parts = [outside(l, w, wall, floor, h - floor)]
    nx, ny = int(v["compartments_x"]), int(v["compartments_y"])
    if nx * ny > 1:
        raise NotImplementedError("the dividers of a bin")
    for part in parts:
        solid = solid.cut(part)
    if c["magnets"] == "yes":
        raise NotImplementedError("the magnets of a bin")
    return Body(solid, (l, w, h), wall=wall, floor=floor)


def hexagon(across_flats, height, z=0.0):
    return cq.Workplane("XY", origin=(0, 0, z)).polygon(6, across_flats / math.cos(math.pi / 6)).extrude(height)


def rod_end(d, pitch, z, up):
    """What a lead-in of 45 degrees takes off a plain rod, down to the thread's root (d3 of ISO 724)."""
    deep = 1.226869 * pitch / 2
    sign = 1 if up else -1
    return turned([(d / 2, z), (d / 2 - deep, z), (d / 2, z - sign * deep)])


def hole_mouth(d, bore, z, up):
    """What a lead-in of 45 degrees takes off a bore's mouth, from a tenth more than the thread's radius."""
    wide = d / 2 + 0.1
    sign = 1 if up else -1
    return turned([(0, z), (wide, z), (bore / 2, z + sign * (wide - bore / 2)), (0, z + sign * (wide - bore / 2))])


def threaded_rod(d, pitch, length, clearance, left=False):
    """ISO 68-1: flanks of 60 degrees, crests an eighth and roots a quarter of the pitch wide; all radii less the clearance."""
    depth = 0.625 * pitch * math.sqrt(3) / 2
    root, crest = d / 2 - depth - clearance, d / 2 - clearance
    under = 0.05 * pitch
    # The ridge reaches a little into the core, with its flanks drawn on.
    wide = pitch * 0.75 / 2 + under * math.tan(math.radians(30))
    tip = pitch / 16
    corners = [(root - under, 0, -wide), (crest, 0, -tip), (crest, 0, tip), (root - under, 0, wide)]
    ridge = cq.Wire.makePolygon([cq.Vector(*corner) for corner in corners], close=True)
    spine = cq.Wire.makeHelix(pitch, length + 2 * pitch, root, lefthand=left)
    solid = cq.Solid.sweep(ridge, [], spine, True, True).translate(cq.Vector(0, 0, -pitch))
    slab = cq.Solid.makeBox(4 * d, 4 * d, length, cq.Vector(-2 * d, -2 * d, 0))
    rod = cylinder(2 * root, length).union(cq.Workplane(obj=solid).intersect(cq.Workplane(obj=slab)))
    # A union of helices may lose its core without a word.
    if not root**2 < volume(rod) / (math.pi * length) < crest**2:
        raise ValueError(f"a thread of {d} x {pitch} x {length} came out wrong")
    return rod


def cosmetic_only(c):
    if c.get("representation") != "cosmetic":
        raise NotImplementedError("modelled threads")


@family
def hex_nut(v, c, clearance):
    d, pitch, flats, h = v["diameter"], v["pitch"], v["across_flats"], v["height"]
    play = min(clearance, pitch / 10)
    mate, bore = d + 2 * play, d - pitch
    if c["representation"] == "modelled":
        bore = mate - 1.082532 * pitch
        solid = hexagon(flats, h).cut(threaded_rod(d, pitch, h + 2, -play).translate((0, 0, -1)))
    else:
        # The drill before tapping is the diameter less the pitch.
        solid = hexagon(flats, h).cut(cylinder(bore, h))
    if h > 2.5 * pitch:
        solid = solid.cut(hole_mouth(mate, bore, 0, True)).cut(hole_mouth(mate, bore, h, False))
    return Body(solid, (flats, flats, h))


@family
def bolt(v, c, clearance):
    d, pitch, length, width, height = (v[k] for k in ("diameter", "pitch", "length", "head_width", "head_height"))
    head = c["head"]
    end = length if head in ("none", "countersunk") else height + length
    if c["representation"] == "modelled":
        if v["thread_length"] < length or head != "hex":
            raise NotImplementedError("a modelled thread on a part of the shank")
        start = height / 2
        solid = threaded_rod(d, pitch, end - start, min(clearance, pitch / 10)).translate((0, 0, start))
    else:
        solid = cylinder(d, end)
    if head == "hex":
        solid = solid.union(hexagon(width, height))
    if head == "socket":
        solid = solid.union(cylinder(width, height))
    if head == "countersunk":
        solid = solid.union(cq.Workplane(obj=cq.Solid.makeCone(width / 2, d / 2, height)))
    solid = solid.cut(rod_end(d, pitch, end, True))
    if head == "none":
        solid = solid.cut(rod_end(d, pitch, 0, False))
    elif v["socket"]:
        solid = solid.cut(hexagon(v["socket"], v["socket_depth"]))
    return Body(solid, (width, width, end), round_body=head != "hex")


@family
def standoff(v, c, _):
    cosmetic_only(c)
    h, d, pitch, flats, depth, stud = (v[k] for k in ("height", "diameter", "pitch", "across_flats", "thread_depth", "stud_length"))
    solid = hexagon(flats, h) if c["shape"] == "hex" else cylinder(flats, h)
    lead = 2.5 * pitch
    through = c["top"] == c["bottom"] == "female" and 2 * depth > h - 0.4
    for end, z, up in (("bottom", 0, 1), ("top", h, -1)):
        if c[end] == "female":
            solid = solid.cut(cylinder(d - pitch, h if through else depth, 0, 0, 0 if up > 0 or through else h - depth))
            if depth > lead:
                solid = solid.cut(hole_mouth(d, d - pitch, z, up > 0))
        if c[end] == "male":
            tip = z - up * stud
            solid = solid.union(cylinder(d, stud, 0, 0, min(z, tip)))
            if stud > lead:
                solid = solid.cut(rod_end(d, pitch, tip, up < 0))
    return Body(solid, (flats, flats, h), round_body=c["shape"] != "hex")


def screwed_case(l, w, h, v, c, clearance):
    """A case whose lid is screwed into bosses in its corners; the lid's lip follows walls and bosses with the fit's gap."""
    wall, floor, r, lid, lip, screw, deep = (v[k] for k in ("wall", "floor", "corner_radius", "lid_thickness", "lip_height", "screw_diameter", "screw_depth"))
    pilot, hole = 0.8 * screw, CLEARANCE_HOLE[screw]
    boss = pilot / 2 + max(screw / 2, 1.5)
    least = pilot / 2 + 1.2
    inset = max(wall + 0.6 * boss, r - (r - least) / math.sqrt(2) if r > least else 0)
    screws = [(sx * (l / 2 - inset), sy * (w / 2 - inset)) for sx in (-1, 1) for sy in (-1, 1)]

    def inside(less, z, up):
        """The room between the walls without the bosses, everything thicker by so much."""
        room = cuboid(l - 2 * (wall + less), w - 2 * (wall + less), up, 0, z)
        # Between a boss and its corner there is nothing.
        room = room.cut(cq.Workplane("XY", origin=(0, 0, z)).pushPoints(screws).circle(boss + less).extrude(up))
        return cq.Workplane(obj=max(room.solids().vals(), key=lambda s: s.Volume()))

    rim = h - lid
    solid = cuboid(l, w, rim, r).cut(inside(0, floor, rim - floor))
    solid = solid.cut(cq.Workplane("XY", origin=(0, 0, rim - deep)).pushPoints(screws).circle(pilot / 2).extrude(deep))
    body = Body(solid, (l, w, h), wall=wall, floor=floor, lid=lid, name="box")
    cover = cuboid(l, w, lid, r, rim).cut(cq.Workplane("XY", origin=(0, 0, rim)).pushPoints(screws).circle(hole / 2).extrude(lid))
    if c["screw_head"] == "countersunk":
        for x, y in screws:
            cone = cq.Solid.makeCone(hole / 2, screw, screw - hole / 2, cq.Vector(x, y, h - (screw - hole / 2)))
            cover = cover.cut(cq.Workplane(obj=cone))
    lip_wall = min(wall, 1.6)
    body.pieces["lid"] = cover.union(inside(clearance, rim - lip, lip).cut(inside(clearance + lip_wall, rim - lip, lip)))
    return body


@family
def screw_box(v, c, clearance):
    return screwed_case(v["length"], v["width"], v["height"], v, c, clearance)


@family
def enclosure(v, c, clearance):
    wall, floor, lid = v["wall"], v["floor"], v["lid_thickness"]
    more = (2 * wall, 2 * wall, floor + lid) if c["measured"] == "inner" else (0, 0, 0)
    l, w, h = v["length"] + more[0], v["width"] + more[1], v["height"] + more[2]
    body = screwed_case(l, w, h, v, c, clearance)
    solid = body.solid
    if "board_hole_length" in v:
        places = [(sx * v["board_hole_length"] / 2, sy * v["board_hole_width"] / 2) for sx in (-1, 1) for sy in (-1, 1)]
        high = v["standoff_height"]
        solid = solid.union(cq.Workplane("XY", origin=(0, 0, floor / 2)).pushPoints(places).circle(v["standoff_diameter"] / 2).extrude(floor / 2 + high))
        pilot = 0.8 * v["board_screw_diameter"]
        solid = solid.cut(cq.Workplane("XY", origin=(0, 0, 0.7 * floor)).pushPoints(places).circle(pilot / 2).extrude(high + floor))
    inside = h - lid - floor
    middle, n = floor + inside / 2, int(v["vent_count"])
    if n:
        vent = lambda plane: plane.rarray(2 * v["vent_width"], 1, n, 1).slot2D(v["vent_height"], v["vent_width"], 90).extrude(wall + 0.4)
        if c["vent_sides"] != "front_back":
            for x in (-l / 2 - 0.2, l / 2 - wall - 0.2):
                solid = solid.cut(vent(cq.Workplane("YZ", origin=(x, 0, middle))))
        if c["vent_sides"] != "left_right":
            for y in (-w / 2 + wall + 0.2, w / 2 + 0.2):
                solid = solid.cut(vent(cq.Workplane("XZ", origin=(0, y, middle))))
    if "cable_hole_diameter" in v:
        solid = solid.cut(rod(v["cable_hole_diameter"], (0, w / 2 - wall - 0.2, middle), (0, 1, 0), wall + 1))
    body.solid = solid
    return body


@family
def sliding_box(v, c, clearance):
    l, w, h, wall, floor, r, t = (v[k] for k in ("length", "width", "height", "wall", "floor", "corner_radius", "lid_thickness"))
    seat, groove = h - t, wall / 2
    lean, foot = 0.6 * groove / t, w / 2 - wall + groove
    stop = -l / 2 + wall - groove
    # The dovetail's sides lean inwards by six tenths of the groove over the lid's thickness.
    dovetail = lambda less, start: cq.Workplane("YZ", origin=(start, 0, 0)).polyline(
        [(-foot + less, seat), (foot - less, seat), (foot - less - lean * t, h), (-foot + less + lean * t, h)]).close().extrude(l / 2 - start)
    solid = cuboid(l, w, h, r).cut(cuboid(l - 2 * wall, w - 2 * wall, seat + t / 2 - floor, max(r - wall, 0), floor)).cut(dovetail(0, stop))
    body = Body(solid, (l, w, h), wall=wall, floor=floor, lid=t, name="box")
    lid = cuboid(l, w, t, r, seat).intersect(dovetail(clearance, stop + clearance))
    along, across = min(l / 8, 8), min(2 * (foot - lean * t) / 2, 12)
    if c["notch"] == "yes" and along >= 1:
        x = l / 2 - min(max(wall, 3), l / 4) - along / 2
        recess = rounded(along, across, min(along, across) * 0.4)
        lid = lid.cut(cq.Workplane("XY", origin=(x, 0, h - 0.4 * t)).placeSketch(recess).extrude(t))
    body.pieces["lid"] = lid
    return body


def printed_pin(d, length):
    """A rod on a flat that cuts off a tenth of its diameter."""
    flat = cq.Workplane("XY").box(2 * d, d, length, centered=(True, False, False)).translate((0, -1.4 * d, 0))
    return cylinder(d, length).cut(flat)


@family
def hinge(v, c, clearance):
    l, w, t, pin, n = v["length"], v["width"], v["thickness"], v["pin_diameter"], int(v["knuckles"])
    radius = max(pin / 2 + clearance + max(pin / 2, 1), t)
    notch = radius + max(clearance, 0.2)
    pitch, gap = l / n, 2 * clearance
    body = None
    for which, bore in ((0, pin + clearance), (1, pin + 2 * clearance)):
        leaf = cq.Workplane("XY").box(l, w / 2, t, centered=(True, False, False)).translate((0, -w / 2, 0))
        leaf = leaf.union(rod(2 * radius, (-l / 2, 0, radius), (1, 0, 0), l))
        # The other leaf's knuckles and a gap beside each.
        for i in range(1 - which, n, 2):
            start, end = -l / 2 + pitch * i - gap / 2, -l / 2 + pitch * (i + 1) + gap / 2
            start, end = (start - 5 if i == 0 else start), (end + 5 if i == n - 1 else end)
            room = cq.Workplane("XY").box(end - start, notch + 2 * radius, 4 * radius, centered=(False, False, True))
            leaf = leaf.cut(room.translate((start, -notch, radius)))
        leaf = leaf.cut(rod(bore, (-l / 2 - 1, 0, radius), (1, 0, 0), l + 2))
        y = -(notch + (w / 2 - notch) / 2)
        d = v["hole_diameter"]
        for i in range(int(v["hole_count"])):
            x = -l / 2 + l / v["hole_count"] * (i + 0.5)
            leaf = leaf.cut(cylinder(d, t + 2, x, y, -1))
            if c["screw_head"] == "countersunk":
                leaf = leaf.cut(cq.Workplane(obj=cq.Solid.makeCone(d / 2, d, d / 2, cq.Vector(x, y, t - d / 2))))
        if body is None:
            body = Body(leaf, (l, w, 2 * radius), name="leaf-1")
        else:
            body.pieces["leaf-2"] = leaf
    if c["pin"] == "printed":
        body.pieces["pin"] = printed_pin(pin, l)
    return body


@family
def wall_plate(v, c, _):
    l, w, t, bevel, d, spacing = (v[k] for k in ("length", "width", "thickness", "bevel", "hole_diameter", "hole_spacing"))
    solid = cuboid(l, w, t, v["corner_radius"])
    if bevel:
        solid = solid.faces(">Z").chamfer(bevel)
    if d:
        half = spacing / 2
        places = [(half, 0), (-half, 0)] if c["screw_axis"] == "x" else [(0, half), (0, -half)]
        for x, y in places:
            solid = solid.cut(cylinder(d, t, x, y))
    long, wide = v.get("opening_length"), v.get("opening_width")
    if long and wide:
        solid = solid.cut(cuboid(long, wide, t))
    elif long or wide:
        solid = solid.cut(cylinder(long or wide, t))
    return Body(solid, (l, w, t))
