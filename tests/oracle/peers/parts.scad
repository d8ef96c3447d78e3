// The parts of `bench geometry` in OpenSCAD: openscad -D 'part="pot"' -D chord=0.012 -o pot.stl parts.scad
part = "pot";
chord = 0.01;
// Whether flat parts are drilled in space rather than in the plane.
solid = false;

function sides(d) = max(8, 4 * ceil(180 / acos(1 - 2 * chord / d) / 4));

module rod(d, h) { cylinder(d = d, h = h, $fn = sides(d)); }

module disc(d) { circle(d = d, $fn = sides(d)); }

module pot() {
  d = 120; h = 100; base = 90; wall = 3;
  slope = (d - base) / 2 / h;
  level = wall * sqrt(1 + slope * slope);
  difference() {
    rotate_extrude($fn = sides(d)) polygon([[0, 0], [base / 2, 0], [d / 2, h], [d / 2 - level, h],
      [base / 2 + slope * wall - level, wall], [0, wall]]);
    for (i = [0:4]) rotate(90 + 72 * i) translate([0.6 * (base / 2 - level), 0, -1]) rod(8, wall + 2);
  }
}

module rounded(l, w, r) { hull() for (x = [-1, 1], y = [-1, 1]) translate([x * (l / 2 - r), y * (w / 2 - r)]) disc(2 * r); }

module enclosure() {
  l = 100; w = 60; h = 30; wall = 2;
  difference() {
    union() {
      difference() {
        linear_extrude(h) rounded(l, w, 4);
        translate([0, 0, wall]) linear_extrude(h) rounded(l - 2 * wall, w - 2 * wall, 2);
      }
      for (x = [-1, 1], y = [-1, 1]) translate([x * (l / 2 - 9), y * (w / 2 - 9), wall / 2]) rod(7, 8 + wall / 2);
    }
    for (x = [-1, 1], y = [-1, 1]) translate([x * (l / 2 - 9), y * (w / 2 - 9), wall]) rod(2.8, 9);
    for (i = [0:7]) translate([-21 + 6 * i, -w / 2 + wall + 0.5, h / 2]) rotate([90, 0, 0]) linear_extrude(wall + 1.5)
      hull() for (y = [-1, 1]) translate([0, y * 6.75]) disc(2.5);
    translate([-l / 2 - 1, 0, h / 2]) rotate([0, 90, 0]) rod(8, wall + 1.5);
  }
}

module bracket() {
  l = 60; h = 40; w = 30; t = 5; r = 5; d = 5;
  difference() {
    translate([0, w / 2, 0]) rotate([90, 0, 0]) linear_extrude(w) difference() {
      translate([-l / 2, 0]) union() { square([l, t]); square([t, h]); square([t + r, t + r]); }
      translate([-l / 2 + t + r, t + r]) disc(2 * r);
    }
    for (i = [0, 1]) {
      translate([-l / 2 + t + r + (l - t - r) * (i + 0.5) / 2, 0, -1]) rod(d, t + 2);
      translate([-l / 2 - 1, 0, t + r + (h - t - r) * (i + 0.5) / 2]) rotate([0, 90, 0]) rod(d, t + 2);
    }
  }
}

module gear() {
  teeth = 20; m = 2; pressure = 20;
  tip = m * (teeth + 2) / 2; root = m * (teeth - 2.5) / 2; base = m * teeth / 2 * cos(pressure);
  function inv(a) = tan(a) * 180 / PI - a;
  function half(r) = 90 / teeth + inv(pressure) - inv(acos(min(base / r, 1)));
  low = max(base, root); n = 8;
  function roll(r) = sqrt(pow(r / base, 2) - 1);
  function radius(i) = base * sqrt(1 + pow(roll(low) + (roll(tip) - roll(low)) * i / n, 2));
  function at(r, a) = [r * cos(a), r * sin(a)];
  function arc(r, a, b) = [for (k = max(1, ceil(sides(2 * r) * (b - a) / 360)), i = [0:k]) at(r, a + (b - a) * i / k)];
  outline = [for (tooth = [0:teeth - 1]) let (axis = 360 * tooth / teeth) each concat(
    [for (i = [0:n - 1]) at(radius(i), axis - half(radius(i)))],
    arc(tip, axis - half(tip), axis + half(tip)),
    [for (i = [n - 1:-1:0]) at(radius(i), axis + half(radius(i)))],
    arc(root, axis + half(low), axis + 360 / teeth - half(low)))];
  if (solid) difference() {
    linear_extrude(10) polygon(outline);
    translate([0, 0, -1]) rod(5, 12);
  }
  else linear_extrude(10) difference() { polygon(outline); disc(5); }
}

module plate() {
  if (solid) difference() {
    translate([-105, -105, 0]) cube([210, 210, 3]);
    for (i = [0:19], j = [0:19]) translate([-95 + 10 * i, -95 + 10 * j, -1]) rod(5, 5);
  }
  else linear_extrude(3) difference() {
    square(210, center = true);
    for (i = [0:19], j = [0:19]) translate([-95 + 10 * i, -95 + 10 * j]) disc(5);
  }
}

module flange() {
  if (solid) difference() {
    rod(120, 12);
    translate([0, 0, -1]) rod(50, 14);
    for (i = [0:7]) rotate(45 * i) translate([46, 0, -1]) rod(11, 14);
  }
  else linear_extrude(12) difference() {
    disc(120);
    disc(50);
    for (i = [0:7]) rotate(45 * i) translate([46, 0]) disc(11);
  }
}

if (part == "pot") pot();
if (part == "enclosure") enclosure();
if (part == "bracket") bracket();
if (part == "gear") gear();
if (part == "400-hole plate") plate();
if (part == "flange") flange();
