//! Wavefront OBJ: one group a piece, millimetres, Z up.

use std::io::{self, BufWriter, Write};

use crate::Evaluated;

pub fn write(evaluated: &Evaluated, out: &mut impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    writeln!(out, "# units: millimetres, +Z up")?;
    let mut first = 1;
    for piece in &evaluated.pieces {
        writeln!(out, "o {}", piece.name)?;
        for [x, y, z] in &piece.mesh.positions {
            writeln!(out, "v {x} {y} {z}")?;
        }
        for [a, b, c] in &piece.mesh.triangles {
            writeln!(out, "f {} {} {}", a + first, b + first, c + first)?;
        }
        first += piece.mesh.positions.len() as u32;
    }
    out.flush()
}
