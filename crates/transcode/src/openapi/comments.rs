//! Comments of the proto files, found by source path, as descriptions.

use std::collections::HashMap;

use prost_reflect::DescriptorPool;

pub(crate) struct Comments(HashMap<(String, Vec<i32>), String>);

impl Comments {
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut all = HashMap::new();
        for file in pool.file_descriptor_protos() {
            let locations = file.source_code_info.iter().flat_map(|info| &info.location);
            for location in locations {
                let leading = location.leading_comments().trim();
                let text = clean(if leading.is_empty() { location.trailing_comments() } else { leading });
                if !text.is_empty() {
                    all.insert((file.name().to_owned(), location.path.clone()), text);
                }
            }
        }
        Self(all)
    }

    pub(crate) fn find(&self, file: &str, path: &[i32]) -> Option<&str> {
        self.0.get(&(file.to_owned(), path.to_vec())).map(String::as_str)
    }
}

/// Lines without the space that follows `//`, and without directives for linters.
fn clean(text: &str) -> String {
    let lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.filter(|line| !line.trim_start().starts_with("buf:lint")).collect::<Vec<_>>().join("\n").trim().to_owned()
}
