//! From what people call a size to what the catalogue calls it: "80 mm tall" is a cylinder's height, a plate's width when
//! it stands, a tube's length.

use part::{
    Dimension,
    catalogue::{Default as Rule, Definition},
};

/// What a size was called: the direction and, where said, the piece of the part that it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) axis: Option<&'static str>,
    pub(crate) qualifier: Option<&'static str>,
}

impl Name {
    pub(crate) fn axis(axis: &'static str) -> Name {
        Name { axis: Some(axis), qualifier: None }
    }
}

/// Candidates in order of preference; the first that the definition has is meant.
fn candidates(name: Name, definition: &Definition) -> &'static [&'static str] {
    let has = |p: &str| definition.parameter(p).is_some();
    match (name.qualifier, name.axis) {
        (Some("wall"), _) => &["wall", "thickness"],
        (Some("wire"), _) => &["wire"],
        (Some("web"), Some("thickness" | "width") | None) => &["web_thickness"],
        (Some("base"), None | Some("thickness" | "height")) => &["floor", "thickness", "base_diameter", "diameter"],
        (Some("base" | "bottom"), Some("diameter" | "width" | "size" | "outer") | None) => {
            &["bottom_length", "base_diameter", "diameter"]
        }
        (Some("base" | "bottom"), Some("depth")) => &["depth"],
        (Some("top"), _) if has("top_length") => &["top_length"],
        (Some("top"), _) => match has("top_diameter") {
            true => &["top_diameter"],
            false => &["diameter", "outer_diameter"],
        },
        (Some("lid"), Some("thickness" | "height") | None) => &["lid_thickness"],
        (Some("rim"), Some("height" | "depth") | None) => &["lip_height", "rim_height", "height"],
        (Some("rim"), Some("thickness" | "width")) => &["wall"],
        (Some("handle"), _) => &["handle_thickness"],
        (Some("hub"), Some("diameter" | "outer" | "width")) => &["hub_diameter"],
        (Some("hub"), Some("height" | "length" | "thickness" | "depth")) => &["hub_height"],
        (Some("hub"), None) => &["hub_diameter", "bore", "inner_diameter"],
        (Some("shaft" | "hub"), _) => &["bore", "inner_diameter", "hole_diameter"],
        (Some("arm"), Some("diameter" | "outer")) if has("flange_diameter") => &["flange_diameter"],
        (Some("arm"), Some("thickness")) => &["flange_thickness", "thickness"],
        (Some("arm"), Some("height")) if has("height") => &["height"],
        (Some("arm"), Some("width")) => &["width"],
        (Some("arm"), _) => &["length", "reach"],
        (Some("back"), Some("height")) => &["height"],
        (Some("back"), Some("width")) => &["width"],
        (Some("flange"), Some("width" | "length")) if definition.kind == "profile" => &["width"],
        (Some("flange" | "base"), _) if definition.kind == "profile" => &["thickness"],
        (Some("flange"), Some("diameter" | "outer")) => &["flange_diameter", "outer_diameter"],
        (Some("flange"), Some("width")) => &["flange", "flange_diameter"],
        (Some("flange"), Some("thickness" | "height") | None) => &["flange_thickness", "flange_height", "thickness"],
        (Some("keyway"), Some("depth" | "height")) => &["keyway_depth"],
        (Some("keyway"), _) => &["keyway_width"],
        (Some("belt"), _) => &["belt_width"],
        (Some("branch"), Some("length" | "height" | "reach")) => &["branch_length"],
        (Some("branch"), _) => &["branch_diameter"],
        (Some("spout"), Some("length" | "height")) => &["spout_height"],
        (Some("spout"), _) => &["bore"],
        (Some("head"), Some("height" | "thickness" | "depth")) => &["head_height", "head_depth"],
        (Some("head"), _) => &["head_width", "head_diameter"],
        (Some("grip"), _) => &["grip"],
        (Some("rod"), None) if definition.kind == "bolt" => &["length"],
        (Some("back" | "gusset"), Some("thickness") | None) => &["thickness"],
        (Some("text"), Some("depth" | "thickness")) => &["text_depth"],
        (Some("text"), _) => &["text_height"],
        (Some("face"), _) => &["thickness"],
        (Some("phone"), Some("thickness" | "depth")) => &["gap"],
        (Some("phone"), _) => &["width"],
        (None, Some("thickness" | "height" | "depth" | "length")) if matches!(definition.kind, "wheel" | "pulley") => {
            &["width"]
        }
        (None, Some("thickness")) if definition.kind == "bushing" => &["flange_thickness"],
        (None, Some("width")) if definition.kind == "gear" => &["thickness"],
        (None, Some("diameter" | "outer" | "width")) if definition.kind == "standoff" => &["across_flats"],
        // What holds a pipe or a cable is named by it.
        (_, Some("inner")) if matches!(definition.kind, "clamp" | "cable_clip" | "threaded_cap") => &["diameter"],
        (_, Some("bend")) => &["bend_radius"],
        (_, Some("flats")) => &["across_flats", "head_width"],
        (_, Some("units")) => &["height_units"],
        (_, Some("pitch")) => &["hole_spacing", "pitch"],
        (_, Some("width")) => &["width", "diameter", "outer_diameter"],
        // How high a handle stands is the room under it and its grip.
        (None, Some("height")) if definition.kind == "handle" => &["clearance"],
        // "deeper" of a vessel is higher.
        (_, Some("deepness")) => &["depth", "height", "thickness"],
        (_, Some("turns")) => &["turns"],
        (_, Some("extrusion")) => match has("length") && has("thickness") && definition.kind != "profile" {
            true => &["thickness"],
            false => &["length", "height", "thickness"],
        },
        (Some("section"), _) => &["thickness", "wall"],
        // "shorter" of what stands is less high, of what lies less long.
        (_, Some("stature")) => match has("height") || has("clearance") {
            true => &["height", "clearance"],
            false => &["length", "reach"],
        },
        (_, Some("height")) => &["height", "thickness"],
        (_, Some("length")) => &["length", "depth", "height", "reach", "thickness", "leg_length"],
        (_, Some("depth")) => match has("reach") {
            true => &["reach"],
            false => &["depth", "length", "height", "diameter"],
        },
        (_, Some("thickness")) => &["thickness", "wall", "height"],
        (_, Some("diameter" | "radius")) => &["diameter", "outer_diameter"],
        (_, Some("outer")) => &["outer_diameter", "diameter"],
        (_, Some("inner")) => &["inner_diameter", "bore", "hole_diameter"],
        (_, Some("teeth")) => &["teeth"],
        (_, Some("module")) => &["module"],
        (_, Some("sides")) => &["sides"],
        (_, Some("angle")) => &["angle", "pressure_angle"],
        (_, Some("gap")) => &["gap"],
        (_, Some("reach")) => &["reach"],
        (_, Some("flutes")) => &["flutes"],
        (_, Some("lip")) => &["lip_height", "rim_height"],
        (_, Some("size")) => &["length", "diameter", "outer_diameter", "size", "across_flats"],
        _ => &[],
    }
}

pub(crate) fn parameter(definition: &Definition, name: Name) -> Option<&'static str> {
    candidates(name, definition).iter().find_map(|p| definition.parameter(p)).map(|p| p.name)
}

/// The parameters that names said together stand for. People name a flat thing's sides as it hangs or lies: what
/// "height" is depends on the other names.
pub(crate) fn together(definition: &Definition, names: &[Name]) -> Vec<Option<&'static str>> {
    let mut resolved: Vec<Option<&'static str>> = names.iter().map(|n| parameter(definition, *n)).collect();
    let place = |axis: &str| names.iter().position(|n| n.axis == Some(axis) && n.qualifier.is_none());
    let flat = definition.parameter("thickness").is_some()
        && definition.parameter("length").is_some()
        && definition.parameter("height").is_none();
    if flat {
        let across = place("height").or(place("depth"));
        match (place("length"), place("width"), across) {
            // 80 long, 40 wide, 5 high.
            (Some(_), Some(_), Some(high)) if place("thickness").is_none() => resolved[high] = Some("thickness"),
            // A sign 120 wide and 40 tall.
            (None, Some(wide), Some(high)) => {
                resolved[wide] = Some("length");
                resolved[high] = Some("width");
            }
            (Some(_), None, Some(high)) => resolved[high] = Some("width"),
            (None, None, Some(high)) => resolved[high] = Some("width"),
            _ => {}
        }
    }
    // "a 20 mm hub 10 high": a gear by itself has no height.
    let hub = names.iter().any(|n| n.qualifier == Some("hub"));
    if let (true, Some(high)) = (hub && definition.kind == "gear", place("height")) {
        resolved[high] = Some("hub_height");
    }
    // A ring's diameters leave no other meaning to its thickness than how high it stands.
    if let ("ring", Some(_), Some(_), Some(thick), None) =
        (definition.kind, place("outer"), place("inner"), place("thickness"), place("height"))
    {
        resolved[thick] = Some("height");
    }
    // 120 wide and 80 deep: across is X, front to back is Y.
    // A bracket's depth is how far it reaches from the wall.
    let bracket = matches!(definition.kind, "l_bracket" | "shelf_bracket");
    if !flat
        && !bracket
        && definition.parameter("depth").is_none()
        && definition.parameter("length").is_some()
        && definition.parameter("width").is_some()
        && let (None, Some(wide), Some(deep)) = (place("length"), place("width"), place("depth"))
    {
        (resolved[wide], resolved[deep]) = (Some("length"), Some("width"));
    }
    // A box 120 wide and 80 deep: the depth is the side that has no name yet.
    if !flat
        && definition.parameter("depth").is_none()
        && definition.parameter("reach").is_none()
        && let (Some(_), None, Some(deep)) = (place("length"), place("width"), place("depth"))
    {
        resolved[deep] =
            definition.parameter(if place("height").is_some() { "width" } else { "height" }).map(|p| p.name);
    }
    if let (Some(_), Some(_), Some(deep)) = (place("length"), place("width"), place("depth"))
        && place("height").is_none()
        && definition.parameter("depth").is_none()
    {
        resolved[deep] = definition.parameter("height").or(definition.parameter("thickness")).map(|p| p.name);
    }
    resolved
}

/// The parameters that "A x B x C" stands for, given how many sizes were said.
pub(crate) fn sizes(definition: &Definition, values: &[f64]) -> Vec<Option<&'static str>> {
    let order = definition.size_order;
    let has_bore = order.get(1) == Some(&"inner_diameter") || order.get(1) == Some(&"bore");
    match (values, order) {
        // A coaster of 5 mm has no room for a rim.
        ([_, thin], _) if definition.kind == "coaster" && *thin <= 5.0 => vec![Some("diameter"), Some("thickness")],
        // "30 x 100" of a tube leaves the bore out; "20 x 8" of a washer does not.
        ([first, second], [outer, inner, height]) if has_bore => {
            let washer = definition.parameter("height").is_none() || definition.kind == "ring";
            let is_bore = second < first && (washer || definition.kind == "tube" && *second > first / 2.0);
            vec![Some(*outer), Some(if is_bore { *inner } else { *height })]
        }
        // "120 x 120 x 100" of a round thing.
        ([a, b, _], [round, height]) if (a - b).abs() < 1e-9 => vec![Some(*round), None, Some(*height)],
        _ => (0..values.len()).map(|i| order.get(i).copied()).collect(),
    }
}

/// What a size without a name is: the first essential one not said yet, else the first of the usual order.
pub(crate) fn main(
    definition: &Definition,
    taken: &dyn Fn(&str) -> bool,
    dimension: Dimension,
) -> Option<&'static str> {
    let fits = |name: &str| definition.parameter(name).is_some_and(|p| p.dimension == dimension) && !taken(name);
    let essential = definition.parameters.iter().filter(|p| matches!(p.default, Rule::Essential)).map(|p| p.name);
    essential.chain(definition.size_order.iter().copied()).find(|name| fits(name))
}
