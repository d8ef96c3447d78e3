//! 3MF: the archive, and the mesh in its model.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

#[derive(Clone, Debug)]
pub struct ThreeMf {
    pub min: [f64; 3],
    pub max: [f64; 3],
    pub triangles: usize,
    pub objects: usize,
    /// What its metadata say, by name.
    pub metadata: BTreeMap<String, String>,
    /// The related picture.
    pub thumbnail: Option<Vec<u8>>,
}

impl ThreeMf {
    pub fn read(bytes: &[u8]) -> Result<ThreeMf, String> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
        let mut bytes = |name: &str| -> Result<Vec<u8>, String> {
            let mut bytes = Vec::new();
            let mut entry = archive.by_name(name.trim_start_matches('/')).map_err(|e| format!("{name}: {e}"))?;
            entry.read_to_end(&mut bytes).map_err(|e| format!("{name}: {e}"))?;
            Ok(bytes)
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|e| e.to_string());
        bytes("[Content_Types].xml")?;
        let relations = text(bytes("_rels/.rels")?)?;
        let related = |kind: &str| {
            let relation = relations.split("<Relationship ").skip(1).find(|relation| relation.contains(kind))?;
            relation.split_once("Target=\"")?.1.split('"').next()
        };
        let model = text(bytes(related("/3dmodel\"").ok_or("no model is related")?)?)?;
        let thumbnail = related("/metadata/thumbnail\"").map(bytes).transpose()?;
        let metadata = model.split("<metadata ").skip(1).filter_map(|entry| {
            let (name, rest) = entry.strip_prefix("name=\"")?.split_once('"')?;
            let value = rest.split_once('>')?.1.split("</metadata>").next()?;
            Some((name.to_owned(), value.to_owned()))
        });
        if !model.contains("unit=\"millimeter\"") {
            return Err("its unit is not the millimetre".to_owned());
        }
        let mut found = ThreeMf {
            min: [f64::INFINITY; 3],
            max: [f64::NEG_INFINITY; 3],
            triangles: model.matches("<triangle ").count(),
            objects: model.matches("<object ").count(),
            metadata: metadata.collect(),
            thumbnail,
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
