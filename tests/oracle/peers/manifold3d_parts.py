"""The parts of `bench geometry` in manifold3d (Python), from polygons within the chord tolerance."""

import math

from manifold3d import CrossSection, Manifold


def sides(radius, chord):
    """Sides of a circle whose chords stay within the tolerance, a multiple of four."""
    return max(8, 4 * math.ceil(math.pi / math.acos(1 - chord / radius) / 4))


def disc(diameter, chord, x=0, y=0):
    return CrossSection.circle(diameter / 2, sides(diameter / 2, chord)).translate((x, y))


def rod(diameter, length, chord):
    return Manifold.cylinder(length, diameter / 2, -1, sides(diameter / 2, chord))


def pot(chord):
    d, h, base, wall, floor = 120, 100, 90, 3, 3
    slope = (d - base) / 2 / h
    level = wall * math.hypot(1, slope)
    inner = lambda z: base / 2 + slope * z - level
    side = [(0, 0), (base / 2, 0), (d / 2, h), (inner(h), h), (inner(floor), floor), (0, floor)]
    turned = CrossSection([side]).revolve(sides(d / 2, chord))
    on = 0.6 * (base / 2 - level)
    angles = [math.radians(90 + 72 * i) for i in range(5)]
    return turned - Manifold.compose([rod(8, floor + 2, chord).translate((on * math.cos(a), on * math.sin(a), -1)) for a in angles])


def rounded(l, w, r, chord):
    n = sides(r, chord)
    corners = [CrossSection.circle(r, n).translate((x * (l / 2 - r), y * (w / 2 - r))) for x in (-1, 1) for y in (-1, 1)]
    return CrossSection.batch_hull(corners)


def slot(length, width, chord):
    ends = [CrossSection.circle(width / 2, sides(width / 2, chord)).translate((0, y * (length - width) / 2)) for y in (-1, 1)]
    return CrossSection.batch_hull(ends)


def enclosure(chord):
    l, w, h, wall = 100, 60, 30, 2
    box = rounded(l, w, 4, chord).extrude(h) - rounded(l - 2 * wall, w - 2 * wall, 2, chord).extrude(h).translate((0, 0, wall))
    corners = [(x * (l / 2 - 9), y * (w / 2 - 9)) for x in (-1, 1) for y in (-1, 1)]
    box += Manifold.compose([rod(7, 8 + wall / 2, chord).translate((x, y, wall / 2)) for x, y in corners])
    bores = [rod(2.8, 9, chord).translate((x, y, wall)) for x, y in corners]
    vent = slot(16, 2.5, chord).extrude(wall + 1.5).rotate((90, 0, 0))
    vents = [vent.translate((-21 + 6 * i, -w / 2 + wall + 0.5, h / 2)) for i in range(8)]
    cable = rod(8, wall + 1.5, chord).rotate((0, 90, 0)).translate((-l / 2 - 1, 0, h / 2))
    return box - Manifold.compose(bores + vents + [cable])


def bracket(chord):
    l, h, w, t, r, d = 60, 40, 30, 5, 5, 5
    n = max(1, sides(r, chord) // 4)
    arc = [(-l / 2 + t + r - r * math.sin(a), t + r - r * math.cos(a)) for a in (math.pi / 2 * i / n for i in range(n + 1))]
    outline = [(-l / 2, 0), (l / 2, 0), (l / 2, t)] + arc + [(-l / 2 + t, h), (-l / 2, h)]
    solid = CrossSection([outline]).extrude(w).rotate((90, 0, 0)).translate((0, w / 2, 0))
    along = lambda end: [t + r + (end - t - r) * (i + 0.5) / 2 for i in range(2)]
    level = [rod(d, t + 2, chord).translate((-l / 2 + x, 0, -1)) for x in along(l)]
    standing = [rod(d, t + 2, chord).rotate((0, 90, 0)).translate((-l / 2 - 1, 0, z)) for z in along(h)]
    return solid - Manifold.compose(level + standing)


def gear_points(teeth, module, pressure, chord):
    tip, root = module * (teeth + 2) / 2, module * (teeth - 2.5) / 2
    base = module * teeth / 2 * math.cos(pressure)
    inv = lambda a: math.tan(a) - a
    half = lambda r: math.pi / 2 / teeth + inv(pressure) - inv(math.acos(min(base / r, 1)))
    low = max(base, root)
    roll = lambda r: math.sqrt((r / base) ** 2 - 1)
    # Chords of the flank: its radius of curvature is that of the roll, at most the tip's.
    n = max(2, math.ceil((tip - low) / math.sqrt(8 * chord * base * roll(tip)) * 1.5))
    radii = [base * math.hypot(1, roll(low) + (roll(tip) - roll(low)) * i / n) for i in range(n + 1)]
    arc = lambda r, a, b: [(r, a + (b - a) * i / m) for m in [max(1, math.ceil(sides(r, chord) * (b - a) / math.tau))] for i in range(m + 1)]
    points = []
    for tooth in range(teeth):
        axis = math.tau * tooth / teeth
        points += [(root, axis - half(low))] if low > root else []
        points += [(r, axis - half(r)) for r in radii] + arc(tip, axis - half(tip), axis + half(tip))[1:-1]
        points += [(r, axis + half(r)) for r in reversed(radii)]
        points += arc(root, axis + half(low), axis + math.tau / teeth - half(low))[:-1]
    return [(r * math.cos(a), r * math.sin(a)) for r, a in points]


def gear(chord):
    return (CrossSection([gear_points(20, 2.0, math.radians(20), chord)]) - disc(5, chord)).extrude(10)


def plate(chord):
    holes = [disc(5, chord, -95 + 10 * i, -95 + 10 * j) for i in range(20) for j in range(20)]
    return (CrossSection.square((210, 210), True) - CrossSection.compose(holes)).extrude(3)


def flange(chord):
    bolts = [disc(11, chord, 46 * math.cos(math.tau * i / 8), 46 * math.sin(math.tau * i / 8)) for i in range(8)]
    return (disc(120, chord) - CrossSection.compose(bolts + [disc(50, chord)])).extrude(12)


PARTS = {"pot": pot, "enclosure": enclosure, "bracket": bracket, "gear": gear, "400-hole plate": plate, "flange": flange}


def build(name, chord):
    solid = PARTS[name](chord)
    mesh = solid.to_mesh64()
    return solid.volume(), lambda: len(mesh.tri_verts)
