//! STEP (ISO 10303-21): enough of it to know that a file is whole and holds solids.

use std::collections::{HashMap, HashSet};

#[derive(Clone, Debug)]
pub struct Step {
    /// Entities by type, such as `MANIFOLD_SOLID_BREP`.
    pub counts: HashMap<String, usize>,
}

impl Step {
    pub fn count(&self, kind: &str) -> usize {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    /// Fails when the envelope is wrong, a statement is cut off, or an entity refers to one that is not there.
    pub fn read(text: &str) -> Result<Step, String> {
        let body = text.trim();
        let body = body.strip_prefix("ISO-10303-21;").ok_or("does not begin as ISO 10303-21")?;
        let body = body.strip_suffix("END-ISO-10303-21;").ok_or("does not end as ISO 10303-21")?;
        let data = body.split_once("DATA;").ok_or("has no data")?.1;
        let data = data.rsplit_once("ENDSEC;").ok_or("its data do not end")?.0;
        let (mut defined, mut used, mut counts) = (HashSet::new(), HashSet::new(), HashMap::new());
        for statement in statements(data) {
            let (number, value) = statement.split_once('=').ok_or_else(|| format!("no entity: {statement}"))?;
            let number = number.trim().strip_prefix('#').and_then(|n| n.parse::<u64>().ok());
            if !defined.insert(number.ok_or_else(|| format!("no number: {statement}"))?) {
                return Err(format!("defined twice: {statement}"));
            }
            let kind: String = value.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            *counts.entry(kind).or_default() += 1;
            used.extend(references(value));
        }
        match used.difference(&defined).next() {
            Some(missing) => Err(format!("#{missing} is used and not defined")),
            None => Ok(Step { counts }),
        }
    }
}

/// Cuts at semicolons outside of quotes.
fn statements(data: &str) -> Vec<String> {
    let (mut all, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for c in data.chars() {
        quoted ^= c == '\'';
        if c == ';' && !quoted {
            all.push(std::mem::take(&mut current).trim().to_owned());
        } else {
            current.push(c);
        }
    }
    if !current.trim().is_empty() {
        all.push(current.trim().to_owned());
    }
    all
}

fn references(value: &str) -> Vec<u64> {
    // Even parts lie outside of quotes.
    let outside = value.split('\'').step_by(2);
    let numbers = outside.flat_map(|text| text.split('#').skip(1).map(str::to_owned).collect::<Vec<_>>());
    numbers.filter_map(|text| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dangling_reference_and_a_cut_file_are_found() {
        let whole =
            "ISO-10303-21;\nHEADER;ENDSEC;\nDATA;\n#1=A('x;#9',#2);\n#2=(B()C());\nENDSEC;\nEND-ISO-10303-21;\n";
        let step = Step::read(whole).unwrap();
        assert_eq!((step.count("A"), step.count("B")), (1, 0));
        assert!(Step::read(&whole.replace("#2=", "#3=")).unwrap_err().contains("#2"));
        assert!(Step::read(&whole[..60]).is_err());
    }
}
