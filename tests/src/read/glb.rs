//! Binary glTF 2.0: chunks, and the extent that its accessors declare.

use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Glb {
    /// Extents of all positions along the three axes, in the file's units.
    pub size: [f64; 3],
    pub json: Value,
}

impl Glb {
    pub fn read(bytes: &[u8]) -> Result<Glb, String> {
        let word = |at: usize| -> Result<u32, String> {
            let four = bytes.get(at..at + 4).ok_or("cut off")?;
            Ok(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
        };
        if bytes.get(..4) != Some(b"glTF") || word(4)? != 2 || word(8)? as usize != bytes.len() {
            return Err("the header is not that of a whole GLB 2".to_owned());
        }
        let length = word(12)? as usize;
        if bytes.get(16..20) != Some(b"JSON") || !length.is_multiple_of(4) {
            return Err("the first chunk is not JSON".to_owned());
        }
        let text = bytes.get(20..20 + length).ok_or("the JSON is cut off")?;
        let json: Value = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        let binary = 20 + length;
        let data = word(binary)? as usize;
        if bytes.get(binary + 4..binary + 8) != Some(b"BIN\0") || binary + 8 + data != bytes.len() {
            return Err("the second chunk is not the binary".to_owned());
        }
        let (mut min, mut max) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for primitive in
            json["meshes"].as_array().into_iter().flatten().flat_map(|m| m["primitives"].as_array()).flatten()
        {
            let accessor =
                &json["accessors"][primitive["attributes"]["POSITION"].as_u64().ok_or("no positions")? as usize];
            for axis in 0..3 {
                min[axis] = f64::min(min[axis], accessor["min"][axis].as_f64().ok_or("no min")?);
                max[axis] = f64::max(max[axis], accessor["max"][axis].as_f64().ok_or("no max")?);
            }
        }
        if !min[0].is_finite() {
            return Err("holds no mesh".to_owned());
        }
        Ok(Glb { size: [0, 1, 2].map(|axis| max[axis] - min[axis]), json })
    }
}
