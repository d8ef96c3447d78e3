//! An upright rib on a face.

use super::{PIECE, sketched};
use crate::{
    Face, Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    families::{
        kit::{HOLE, SIZE, WALL, add, length, mm, require},
        place,
    },
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "rib",
    role: Role::Modifier,
    meaning: "A straight rib standing on a face; in the middle of the top unless placed.",
    parameters: &[
        length("length", Default::Essential, SIZE, "how long it is"),
        length("thickness", Default::Value(2.0), WALL, "how thick it is"),
        length(
            "height",
            Default::Rule("four times its thickness", |v| v.get("thickness") * 4.0),
            HOLE,
            "how far it stands out",
        ),
    ],
    choices: &[Choice { name: "direction", options: &["along", "across"], default: Some("along") }, PIECE],
    size_order: &["length", "thickness", "height"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (l, t, h) = (v.get("length"), v.get("thickness"), v.get("height"));
    let along = v.choice("direction") == "along";
    require(t <= l, "thickness", || format!("of {} is more than the length of {}", mm(t), mm(l)))?;
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let top = operation.placement.as_ref().is_none_or(|p| p.face == Face::Top && p.on.is_none());
    let open = body.hollow.is_some_and(|hollow| hollow.floor == 0.0) && body.roof == 0.0;
    require(!(top && open && index == 0), "placement", || {
        "is the open end, where there is nothing to stand on; name the side".to_owned()
    })?;
    let reach = if along { [l / 2.0, t / 2.0] } else { [t / 2.0, l / 2.0] };
    for site in place::sites(operation, body, index, reach)? {
        let sunk = sketched::sink(&site, reach[0], body);
        let frame = site.outward(sunk);
        let frame = if along { frame } else { Frame { x: place::cross(frame.z, frame.x), ..frame } };
        body.pieces[index].steps.push(add(Solid { shape: Shape::Box { size: [l, t, h + sunk] }, frame }));
    }
    Ok(())
}
