//! WebP: the container by hand, the pixels by the reference decoder.

#[derive(Clone, Debug)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    /// Different colours, at 5 bits a channel: an empty or flat picture has a handful.
    pub colours: usize,
}

impl Picture {
    pub fn read(bytes: &[u8]) -> Result<Picture, String> {
        let size = bytes.get(4..8).ok_or("cut off")?;
        let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
        if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WEBP") || size + 8 != bytes.len() {
            return Err("the header is not that of a whole WebP".to_owned());
        }
        let image = webp::Decoder::new(bytes).decode().ok_or("does not decode")?;
        let channels = if image.is_alpha() { 4 } else { 3 };
        let mut seen = vec![false; 1 << 15];
        for pixel in image.chunks_exact(channels) {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(|c| usize::from(c >> 3));
            seen[(r << 10) | (g << 5) | b] = true;
        }
        Ok(Picture { width: image.width(), height: image.height(), colours: seen.iter().filter(|it| **it).count() })
    }
}
