//! A finished piece as bytes, for the tier that outlives the process.

use std::sync::Arc;

use arris::{
    io::native,
    topo::{Body, BodyId, Orientation},
};
use mesh::{MassProperties, TriMesh};

use crate::kernel::exact::{ExactBody, SavedExact};

/// A piece before it is laid out: turned to its print pose, where its axes put it.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) mesh: TriMesh,
    pub(crate) mass: MassProperties,
    pub(crate) exact: bool,
    /// Why it is not exact.
    pub(crate) reason: Option<String>,
    pub(crate) notes: Vec<String>,
    /// Not turned.
    pub(crate) solid: Option<Arc<SavedExact>>,
}

const MAGIC: &[u8; 8] = b"potpiec1";

/// Little-endian numbers; texts and lists after their length.
pub(crate) fn encoded(piece: &Finished) -> Option<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    let numbers = |out: &mut Vec<u8>, values: &[f64]| values.iter().for_each(|v| out.extend(v.to_le_bytes()));
    let length = |out: &mut Vec<u8>, n: usize| out.extend((n as u64).to_le_bytes());
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    };
    out.push(u8::from(piece.exact));
    numbers(&mut out, &[piece.mass.volume_mm3, piece.mass.area_mm2]);
    numbers(&mut out, &piece.mass.centre_of_mass);
    length(&mut out, piece.mesh.positions.len());
    piece.mesh.positions.iter().for_each(|p| numbers(&mut out, p));
    length(&mut out, piece.mesh.triangles.len());
    piece.mesh.triangles.iter().flatten().for_each(|v| out.extend(v.to_le_bytes()));
    length(&mut out, usize::from(piece.reason.is_some()));
    piece.reason.iter().for_each(|reason| text(&mut out, reason));
    length(&mut out, piece.notes.len());
    piece.notes.iter().for_each(|note| text(&mut out, note));
    let solid = match &piece.solid {
        Some(solid) => native::to_bytes(&solid.model).ok()?,
        None => Vec::new(),
    };
    out.push(u8::from(piece.solid.as_ref().is_some_and(|s| s.body.body.orientation == Orientation::Reversed)));
    length(&mut out, solid.len());
    out.extend(solid);
    let sum = blake3::hash(&out);
    out.extend(sum.as_bytes());
    Some(out)
}

/// `None` for anything but whole bytes of this version.
pub(crate) fn decoded(bytes: &[u8]) -> Option<Finished> {
    let (bytes, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if blake3::hash(bytes).as_bytes() != sum {
        return None;
    }
    let mut rest = Reader(bytes.strip_prefix(MAGIC)?);
    let exact = rest.byte()? == 1;
    let (volume_mm3, area_mm2) = (rest.number()?, rest.number()?);
    let centre_of_mass = rest.point()?;
    let count = rest.length(24)?;
    let positions = (0..count).map(|_| rest.point()).collect::<Option<Vec<_>>>()?;
    let count = rest.length(12)?;
    let triangles =
        (0..count).map(|_| Some([rest.index()?, rest.index()?, rest.index()?])).collect::<Option<Vec<_>>>()?;
    if triangles.iter().flatten().any(|v| *v as usize >= positions.len()) {
        return None;
    }
    let reason = if rest.length(1)? == 1 { Some(rest.text()?) } else { None };
    let count = rest.length(8)?;
    let notes = (0..count).map(|_| rest.text()).collect::<Option<Vec<_>>>()?;
    let orientation = if rest.byte()? == 1 { Orientation::Reversed } else { Orientation::Forward };
    let count = rest.length(1)?;
    let solid = rest.take(count)?;
    let solid = if solid.is_empty() {
        None
    } else {
        let model = native::from_bytes(solid).ok()?;
        let body = Body::new(BodyId::new(0, 0), orientation);
        model.closure(body).ok()?;
        Some(Arc::new(SavedExact { model, body: ExactBody::unnamed(body), notes: Vec::new(), spent: 0 }))
    };
    let mass = MassProperties { volume_mm3, area_mm2, centre_of_mass };
    Some(Finished { mesh: TriMesh { positions, triangles }, mass, exact, reason, notes, solid })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<f64> {
        self.take(8)?.try_into().ok().map(f64::from_le_bytes)
    }

    fn point(&mut self) -> Option<[f64; 3]> {
        Some([self.number()?, self.number()?, self.number()?])
    }

    fn index(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// A count of things of at least this size, which the bytes that are left can hold.
    fn length(&mut self, size: usize) -> Option<usize> {
        let count = usize::try_from(self.take(8)?.try_into().ok().map(u64::from_le_bytes)?).ok()?;
        (count.checked_mul(size)? <= self.0.len()).then_some(count)
    }

    fn text(&mut self) -> Option<String> {
        let count = self.length(1)?;
        String::from_utf8(self.take(count)?.to_vec()).ok()
    }
}
