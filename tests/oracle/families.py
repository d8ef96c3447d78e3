"""The families of the catalogue in CadQuery, written from what each is said to be, not from how it is lowered.

Each function gets the resolved values of its operation, and the words of its choices, and returns a Body.
"""

import math

import cadquery as cq
from scipy.optimize import brentq

from common import Body, cuboid, cylinder, on_circle, profile_front, profile_side, ring, rod, rounded, turned, upright
from letters import letters

FAMILIES = {}


def family(function):
    FAMILIES[function.__name__.rstrip("_")] = function
    return function


def tapered_shell(top, base, height, wall, floor):
    """Outer frustum less the inner one; the wall is measured square to its slope."""
    slope = (top - base) / 2 / height
    level = wall * math.hypot(1, slope)
    inner = lambda z: base / 2 + slope * z - level
    outside = turned([(0, 0), (base / 2, 0), (top / 2, height), (0, height)])
    inside = turned([(0, floor), (inner(floor), floor), (inner(height + 1), height + 1), (0, height + 1)])
    return outside.cut(inside)


@family
def plant_pot(v, c, _):
    d, h, base, wall, floor = v["diameter"], v["height"], v["base_diameter"], v["wall"], v["floor"]
    pot = tapered_shell(d, base, h, wall, floor)
    n, hole = int(v["hole_count"]), v["hole_diameter"]
    # One in the middle; up to six on a circle; more on a circle about one in the middle. None meets the wall or another,
    # so that the volume does not depend on where they are.
    if n:
        inside = base / 2 - wall * 1.1
        on = [(0, 0)] if n == 1 else on_circle(n, 1.2 * inside) if n <= 6 else [(0, 0)] + on_circle(n - 1, 1.6 * inside)
        pot = pot.cut(cq.Workplane("XY", origin=(0, 0, -1)).pushPoints(on).circle(hole / 2).extrude(floor + 2))
    slope = (d - base) / 2 / h
    return Body(pot, (d, d, h), round_body=True, wall=wall, floor=floor, radius_at=lambda z: base / 2 + slope * z)


def open_box(l, w, h, wall, floor, r):
    return cuboid(l, w, h, r).cut(cuboid(l - 2 * wall, w - 2 * wall, h, max(r - wall, 0), floor))


@family
def box(v, c, _):
    l, w, h, wall, floor = v["length"], v["width"], v["height"], v["wall"], v["floor"]
    solid = open_box(l, w, h, wall, floor, v["corner_radius"])
    return Body(solid, (l, w, h), wall=wall, floor=floor)


@family
def tray(v, c, clearance):
    return box(v, c, clearance)


@family
def box_with_lid(v, c, clearance):
    l, w, h, wall, floor, r = (v[k] for k in ("length", "width", "height", "wall", "floor", "corner_radius"))
    plate, rim = v["lid_thickness"], v["rim_height"]
    body = Body(open_box(l, w, h - plate, wall, floor, r), (l, w, h), wall=wall, floor=floor, lid=plate)
    # The rim is a wall that plugs into the cavity with the fit's gap on every side.
    a, b = l - 2 * (wall + clearance), w - 2 * (wall + clearance)
    ra = max(r - wall - clearance, 0)
    plug = cuboid(a, b, rim, ra, h - plate - rim)
    plug = plug.cut(cuboid(a - 2 * wall, b - 2 * wall, rim, max(ra - wall, 0), h - plate - rim))
    body.pieces["lid"] = cuboid(l, w, plate, r, h - plate).union(plug)
    return body


@family
def block(v, c, _):
    size = (v["length"], v["width"], v["height"])
    return Body(cuboid(*size, v["corner_radius"]), size)


@family
def plate(v, c, _):
    l, w, t, n = v["length"], v["width"], v["thickness"], int(v["hole_count"])
    solid = cuboid(l, w, t, v["corner_radius"])
    if n:
        inset = v["hole_inset"]
        columns = next(k for k in range(int(math.sqrt(n)), 0, -1) if n % k == 0)
        rows = n // columns
        spread = lambda size, k: [0] if k == 1 else [-size / 2 + inset + (size - 2 * inset) * i / (k - 1) for i in range(k)]
        xs, ys = spread(l, rows), spread(w, columns)
        solid = solid.faces(">Z").workplane().pushPoints([(x, y) for x in xs for y in ys]).hole(v["hole_diameter"])
    return Body(solid, (l, w, t))


def ring_body(outer, inner, height):
    return Body(ring(outer, inner, height), (outer, outer, height), round_body=True, wall=(outer - inner) / 2)


@family
def tube(v, c, _):
    return ring_body(v["outer_diameter"], v["inner_diameter"], v["height"])


@family
def spacer(v, c, _):
    return ring_body(v["outer_diameter"], v["inner_diameter"], v["height"])


@family
def washer(v, c, _):
    return ring_body(v["outer_diameter"], v["inner_diameter"], v["thickness"])


@family
def ring_(v, c, _):
    return ring_body(v["outer_diameter"], v["inner_diameter"], v["height"])


@family
def flange(v, c, _):
    d, t = v["outer_diameter"], v["thickness"]
    return Body(ring(d, v["bore"], t), (d, d, t), round_body=True)


@family
def wheel(v, c, _):
    d, w = v["diameter"], v["width"]
    return Body(ring(d, v["bore"], w), (d, d, w), round_body=True)


@family
def disc(v, c, _):
    d, t = v["diameter"], v["thickness"]
    return Body(ring(d, v["bore"], t), (d, d, t), round_body=True)


@family
def l_bracket(v, c, _):
    l, h, w, t, r = v["length"], v["height"], v["width"], v["thickness"], v["inside_radius"]
    legs = cq.Workplane("XY").box(l, w, t, centered=(True, True, False))
    legs = legs.union(cq.Workplane("XY").box(t, w, h, centered=(False, True, False)).translate((-l / 2, 0, 0)))
    if r:
        legs = legs.edges("|Y").edges(cq.NearestToPointSelector((-l / 2 + t, 0, t))).fillet(r)
    n, d = int(v["hole_count"]), v["hole_diameter"]
    # Evenly over the free part of each leg.
    for i in range(n):
        along = lambda end: t + r + (end - t - r) * (i + 0.5) / n
        legs = legs.cut(cylinder(d, t + 2, -l / 2 + along(l), 0, -1))
        legs = legs.cut(rod(d, (-l / 2 - 1, 0, along(h)), (1, 0, 0), t + 2))
    return Body(legs, (l, w, h))


@family
def cup(v, c, _):
    d, h, wall, floor, base = v["diameter"], v["height"], v["wall"], v["floor"], v["base_diameter"]
    solid = tapered_shell(d, base, h, wall, floor)
    if c["handle"] == "yes":
        # A whole ring across the wall, 60 % of the height across its middle line; what would lie inside is cut away.
        bar, middle, slope = v["handle_thickness"], (d + base) / 4, (d - base) / 2 / h
        handle = cq.Workplane(obj=cq.Solid.makeTorus(0.3 * h, bar / 2, cq.Vector(middle, 0, h / 2), cq.Vector(0, 1, 0)))
        inner = lambda z: base / 2 + slope * z - wall * math.hypot(1, slope)
        solid = solid.union(handle)
        solid = solid.cut(turned([(0, floor), (inner(floor), floor), (inner(h + 1), h + 1), (0, h + 1)]))
    slope = (d - base) / 2 / h
    return Body(solid, (d, d, h), round_body=True, wall=wall, floor=floor, radius_at=lambda z: base / 2 + slope * z)


def arc_vessel(outer, inner, h, floor):
    """A vessel whose outer and inner sides are radii by height, each a circular arc."""
    side = cq.Workplane("XZ").moveTo(0, 0).lineTo(outer(0), 0).threePointArc((outer(h / 2), h / 2), (outer(h), h))
    side = side.lineTo(inner(h), h).threePointArc((inner((h + floor) / 2), (h + floor) / 2), (inner(floor), floor))
    return side.lineTo(0, floor).close().revolve(360, (0, 0, 0), (0, 1, 0))


@family
def vase(v, c, _):
    r, h, wall, floor = v["diameter"] / 2, v["height"], v["wall"], v["floor"]
    below, above = r - v["base_diameter"] / 2, r - v["top_diameter"] / 2
    # The arc is upright at the belly and meets the base and the mouth: its radius follows from the height.
    drop = lambda rho, d: math.sqrt(max(2 * rho * d - d * d, 0))
    rho = brentq(lambda rho: drop(rho, below) + drop(rho, above) - h, max(below, above), 1e5, xtol=1e-12)
    belly = drop(rho, below)
    side = lambda z, less: r - rho + math.sqrt((rho - less) ** 2 - (z - belly) ** 2)
    solid = arc_vessel(lambda z: side(z, 0), lambda z: side(z, wall), h, floor)
    return Body(solid, (2 * r, 2 * r, h), round_body=True, wall=wall, floor=floor, radius_at=lambda z: side(z, 0))


@family
def bowl(v, c, _):
    r, h, wall, floor, rb = v["diameter"] / 2, v["height"], v["wall"], v["floor"], v["base_diameter"] / 2
    d = r - rb
    # A sphere about the axis where that is widest at the rim; a deep bowl is upright at its rim, a shallow one level at
    # its base.
    z = (r * r + h * h - rb * rb) / (2 * h)
    if z >= h:
        x, rho = 0.0, math.hypot(rb, z)
    elif h >= d:
        rho = (h * h + d * d) / (2 * d)
        x, z = r - rho, h
    else:
        rho = (h * h + d * d) / (2 * h)
        x, z = rb, rho
    side = lambda at, less: x + math.sqrt(max((rho - less) ** 2 - (at - z) ** 2, 0))
    solid = arc_vessel(lambda at: side(at, 0), lambda at: side(at, wall), h, floor)
    return Body(solid, (2 * r, 2 * r, h), round_body=True, wall=wall, floor=floor, radius_at=lambda at: side(at, 0))


@family
def hook(v, c, _):
    h, w, t, reach, lip = v["height"], v["width"], v["thickness"], v["reach"], v["lip_height"]
    y0, y1 = -reach / 2, reach / 2
    piece = lambda a, b, low, high: cq.Workplane("XY").box(w, b - a, high - low, centered=(True, False, False)).translate((0, a, low))
    solid = piece(y1 - t, y1, 0, h).union(piece(y0, y1, 0, t)).union(piece(y0, y0 + t, 0, t + lip)).clean()
    n, d = int(v["hole_count"]), v["hole_diameter"]
    start = t + max(min(lip, h - t - (d + 2) * n), 0)
    for i in range(n):
        solid = solid.cut(rod(d, (0, y1 - t - 1, start + (h - start) * (i + 0.5) / n), (0, 1, 0), t + 2))
    return Body(solid, (w, reach, h))


@family
def knob(v, c, _):
    r, h, n = v["diameter"] / 2, v["height"], int(v["flutes"])
    solid = cylinder(2 * r, h)
    if n:
        # Each flute is the arc over half of its share of the circle (at most half a radian), as deep as a quarter of
        # its width (at most a sixth of the radius).
        half = min(math.tau / n / 4, 0.25)
        depth = min(r * math.sin(half) / 2, r / 6)
        cut_radius = ((r * math.sin(half)) ** 2 + depth**2) / (2 * depth)
        middle = r * math.cos(half) - depth + cut_radius
        solid = solid.cut(cq.Workplane("XY").polarArray(middle, 0, 360, n).circle(cut_radius).extrude(h))
    if v["bore"]:
        solid = solid.cut(cylinder(v["bore"], v["bore_depth"]))
    return Body(solid, (2 * r, 2 * r, h), round_body=True)


def gear_outline(teeth, module, pressure):
    """Involute flanks from the base circle to the tip, radial below it, arcs along tip and root circle."""
    pitch, tip, root = module * teeth / 2, module * (teeth + 2) / 2, module * (teeth - 2.5) / 2
    base = pitch * math.cos(pressure)
    inv = lambda a: math.tan(a) - a
    half = lambda radius: math.pi / 2 / teeth + inv(pressure) - inv(math.acos(min(base / radius, 1)))
    low = max(base, root)
    polar = lambda radius, angle: (radius * math.cos(angle), radius * math.sin(angle))
    roll = lambda radius: math.sqrt((radius / base) ** 2 - 1)
    # Short lines: an interpolating spline bulges near the base circle, where the involute's curvature has no bound. The
    # area is within 0.002 % of the integral.
    rolls = [roll(low) + (roll(tip) - roll(low)) * i / 48 for i in range(49)]
    radii = [base * math.hypot(1, t) for t in rolls]
    work = cq.Workplane("XY").moveTo(*polar(root, -half(low)))
    for tooth in range(teeth):
        axis = math.tau * tooth / teeth
        if low > root:
            work = work.lineTo(*polar(low, axis - half(low)))
        work = work.polyline([polar(r, axis - half(r)) for r in radii[1:]], includeCurrent=True)
        work = work.threePointArc(polar(tip, axis), polar(tip, axis + half(tip)))
        work = work.polyline([polar(r, axis + half(r)) for r in reversed(radii[:-1])], includeCurrent=True)
        if low > root:
            work = work.lineTo(*polar(root, axis + half(low)))
        following = axis + math.tau / teeth
        work = work.threePointArc(polar(root, (axis + following) / 2), polar(root, following - half(low)))
    return work.close()


@family
def gear(v, c, _):
    teeth, module, t = int(v["teeth"]), v["module"], v["thickness"]
    solid = gear_outline(teeth, module, math.radians(v["pressure_angle"])).extrude(t)
    if v["bore"]:
        solid = solid.cut(cylinder(v["bore"], t))
    outer = module * (teeth + 2)
    return Body(solid, (outer, outer, t), round_body=True)


@family
def name_plate(v, c, _):
    l, w, t = v["length"], v["width"], v["thickness"]
    body = Body(cuboid(l, w, t, v["corner_radius"]), (l, w, t + v["text_depth"]))
    # The letters stand on the finished plate.
    body.raised = letters(c["text"], v["text_height"], v["text_depth"]).translate((0, 0, t))
    return body


@family
def key_tag(v, c, _):
    l, w, t, d = v["length"], v["width"], v["thickness"], v["hole_diameter"]
    if c["shape"] == "round":
        solid, x = cylinder(l, t), -l / 2 + d / 2 + 3
    else:
        solid, x = cuboid(l, w, t, v["corner_radius"]), -l / 2 + d / 2 + max(v["corner_radius"], 3)
    body = Body(solid.cut(cylinder(d, t, x)), (l, w, t))
    text = c["text"].strip()
    if text:
        # As high as half the tag, less where the text is long: the widths by which the catalogue estimates that.
        room = l / 2 - 2 - (x + d / 2 + 2)
        wide = sum(1.55 if ch in "mMwW@%" else 0.75 if ch in "iljI.,'|!:; tfr()-" else 1.2 if ch.isupper() else 1.05 for ch in text)
        body.raised = letters(text, min(w / 2, round(room / wide, 6)), v["text_depth"]).translate((0, 0, t))
    return body


@family
def phone_stand(v, c, _):
    w, h, t, gap, lip, depth = (v[k] for k in ("width", "height", "thickness", "gap", "lip_height", "depth"))
    angle = math.radians(v["angle"])
    base = cq.Workplane("XY").box(w, depth, t, centered=(True, False, False))
    front = cq.Workplane("XY").box(w, t, t + lip, centered=(True, False, False))
    # The back starts behind the gap and leans at the phone's angle; its top end is square to it.
    foot, lean = t + gap, (math.cos(angle), math.sin(angle))
    long = (h - t) / lean[1]
    corner = (foot + long * lean[0], h)
    back = [(foot, t), corner, (corner[0] + t * lean[1], h - t * lean[0]), (foot + t / lean[1], t)]
    solid = base.union(front).union(profile_side(back, w))
    return Body(solid, (w, depth, h))


@family
def coaster(v, c, _):
    d, t, h, wall = v["diameter"], v["thickness"], v["height"], v["wall"]
    flat, square = abs(h - t) < 1e-9, c["shape"] == "square"
    make = (lambda size, z, up: cuboid(size, size, up, 0, z)) if square else (lambda size, z, up: cylinder(size, up, 0, 0, z))
    solid = make(d, 0, h) if flat else make(d, 0, h).cut(make(d - 2 * wall, t, h - t))
    hollow = {} if flat else {"wall": wall, "floor": t}
    return Body(solid, (d, d, h), round_body=not square, **hollow)


@family
def funnel(v, c, _):
    r, bore, h, spout, wall = v["diameter"] / 2, v["bore"] / 2, v["height"], v["spout_height"], v["wall"]
    neck = bore + wall
    slope = (r - neck) / (h - spout)
    level = wall * math.hypot(1, slope)
    outside = turned([(0, 0), (neck, 0), (neck, spout), (r, h), (0, h)])
    # The inside of the cone is parallel to its outside, a wall away, down to where it meets the bore.
    knee = h - (r - level - bore) / slope
    inside = turned([(0, -1), (bore, -1), (bore, knee), (r - level + slope, h + 1), (0, h + 1)])
    return Body(outside.cut(inside), (2 * r, 2 * r, h), round_body=True, wall=wall)


@family
def cylinder_(v, c, _):
    d, h = v["diameter"], v["height"]
    return Body(cylinder(d, h), (d, d, h), round_body=True)


@family
def cone(v, c, _):
    d, h, top = v["diameter"], v["height"], v["top_diameter"]
    solid = cq.Workplane(obj=cq.Solid.makeCone(d / 2, top / 2, h))
    widest = max(d, top)
    return Body(solid, (widest, widest, h), round_body=True, radius_at=lambda z: d / 2 + (top - d) / 2 * z / h)


@family
def sphere(v, c, _):
    d = v["diameter"]
    solid = cq.Workplane("XY").sphere(d / 2).translate((0, 0, d / 2))
    return Body(solid, (d, d, d), round_body=True, radius_at=lambda z: math.sqrt(max(d * d / 4 - (z - d / 2) ** 2, 0)))


@family
def torus(v, c, _):
    d, t = v["outer_diameter"], v["thickness"]
    solid = cq.Workplane(obj=cq.Solid.makeTorus((d - t) / 2, t / 2, cq.Vector(0, 0, t / 2)))
    return Body(solid, (d, d, t), round_body=True)


@family
def prism(v, c, _):
    n, d, h = int(v["sides"]), v["diameter"], v["height"]
    solid = cq.Workplane("XY").polygon(n, d).extrude(h)
    box = solid.val().BoundingBox()
    return Body(solid, (2 * max(box.xmax, -box.xmin), 2 * max(box.ymax, -box.ymin), h))


@family
def wedge(v, c, _):
    l, w, h = v["length"], v["width"], v["height"]
    return Body(profile_front([(-l / 2, 0), (l / 2, 0), (l / 2, h)], w), (l, w, h))


@family
def pulley(v, c, _):
    d, w, bore, depth = v["diameter"], v["width"], v["bore"], v["groove_depth"]
    # The rims beside the groove take a tenth of the width each.
    groove = turned([(d / 2, w / 10), (d / 2 - depth, w / 2), (d / 2, w * 9 / 10), (d, w * 9 / 10), (d, w / 10)])
    return Body(ring(d, bore, w).cut(groove), (d, d, w), round_body=True)


@family
def adapter(v, c, _):
    lower, upper, h, wall = v["diameter"] / 2, v["top_diameter"] / 2, v["height"], v["wall"]
    form = lambda less, end: turned([(0, -end), (lower - less, -end), (lower - less, h / 3), (upper - less, 2 * h / 3), (upper - less, h + end), (0, h + end)])
    widest = 2 * max(lower, upper)
    return Body(form(0, 0).cut(form(wall, 1)), (widest, widest, h), round_body=True, wall=wall)


@family
def cap(v, c, _):
    outer, inner, h, floor = v["outer_diameter"], v["inner_diameter"], v["height"], v["floor"]
    solid = cylinder(outer, h).cut(cylinder(inner, h, 0, 0, floor))
    return Body(solid, (outer, outer, h), round_body=True, wall=(outer - inner) / 2, floor=floor)
