//! 3MF: the archive, and the mesh in its model.

use std::io::{Cursor, Read};

#[derive(Clone, Debug)]
pub struct ThreeMf {
    pub min: [f64; 3],
    pub max: [f64; 3],
    pub triangles: usize,
    pub objects: usize,
}

impl ThreeMf {
    pub fn read(bytes: &[u8]) -> Result<ThreeMf, String> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
        let mut file = |name: &str| -> Result<String, String> {
            let mut text = String::new();
            let mut entry = archive.by_name(name).map_err(|e| format!("{name}: {e}"))?;
            entry.read_to_string(&mut text).map_err(|e| format!("{name}: {e}"))?;
            Ok(text)
        };
        file("[Content_Types].xml")?;
        let relations = file("_rels/.rels")?;
        let model = relations.split("Target=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let model = model.into_iter().find(|path| path.ends_with(".model")).ok_or("no model is related")?;
        let model = file(model.trim_start_matches('/'))?;
        if !model.contains("unit=\"millimeter\"") {
            return Err("its unit is not the millimetre".to_owned());
        }
        let mut found = ThreeMf {
            min: [f64::INFINITY; 3],
            max: [f64::NEG_INFINITY; 3],
            triangles: model.matches("<triangle ").count(),
            objects: model.matches("<object ").count(),
        };
        for vertex in model.split("<vertex ").skip(1) {
            for (axis, name) in ["x=\"", "y=\"", "z=\""].into_iter().enumerate() {
                let value = vertex.split_once(name).and_then(|(_, rest)| rest.split('"').next()?.parse::<f64>().ok());
                let value = value.ok_or("a vertex without a coordinate")?;
                found.min[axis] = found.min[axis].min(value);
                found.max[axis] = found.max[axis].max(value);
            }
        }
        if found.triangles == 0 || found.objects == 0 {
            return Err("holds no mesh".to_owned());
        }
        Ok(found)
    }
}
