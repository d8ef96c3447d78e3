//! What differs between two specifications, as typed changes by path.
//!
//! Paths are those of `spec.json` with operations by their ids: `material`, `variables.wall`, `features.hole` for a whole
//! operation, `features.hole.parameters.diameter`, `features.hole.sketches[0]`, and `features` for their order.

use std::collections::BTreeMap;

use part::{Operation, Part, Path, Placement, Quantity, Sketch, Variable};

/// What can stand at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    Text(String),
    Count(u32),
    Quantity(Quantity),
    Operation(Box<Operation>),
    Placement(Placement),
    Sketch(Box<Sketch>),
    Path(Path),
    Variable(Variable),
}

/// One path at which two specifications differ. Where a side is absent there is nothing on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub path: String,
    pub before: Option<Term>,
    pub after: Option<Term>,
}

/// Everything that differs, provenance included: the part as a whole, what is gone, what is there in its order. Empty
/// exactly where the parts are equal.
pub fn diff(before: &Part, after: &Part) -> Vec<Change> {
    let mut changes = Changes::default();
    let text = |text: Option<&str>| text.map(|t| Term::Text(t.to_owned()));
    changes.differ("schema", text(Some(&before.schema)), text(Some(&after.schema)));
    changes.differ("material", text(before.material.map(|m| m.as_str())), text(after.material.map(|m| m.as_str())));
    let colour = |part: &Part| part.colour.as_ref().map(|c| Term::Text(c.as_str().to_owned()));
    changes.differ("colour", colour(before), colour(after));
    changes.differ("quantity", Some(Term::Count(before.quantity)), Some(Term::Count(after.quantity)));
    changes.differ("fit", text(before.fit.map(|f| f.as_str())), text(after.fit.map(|f| f.as_str())));
    changes.maps("variables", &before.variables, &after.variables, |v| Term::Variable(v.clone()));
    let whole = |operation: &Operation| Some(Term::Operation(Box::new(operation.clone())));
    for old in before.features.iter().filter(|old| after.operation(&old.id).is_none()) {
        changes.differ(format!("features.{}", old.id), whole(old), None);
    }
    for new in &after.features {
        let path = format!("features.{}", new.id);
        match before.operation(&new.id) {
            None => changes.differ(path, None, whole(new)),
            // Another thing under the same name.
            Some(old) if old.kind != new.kind => changes.differ(path, whole(old), whole(new)),
            Some(old) => changes.operations(&path, old, new),
        }
    }
    let shared = |of: &Part, other: &Part| -> Vec<String> {
        of.features.iter().map(|o| o.id.clone()).filter(|id| other.operation(id).is_some()).collect()
    };
    let (was, is) = (shared(before, after), shared(after, before));
    if was != is {
        changes.differ("features", Some(Term::Text(was.join(", "))), Some(Term::Text(is.join(", "))));
    }
    changes.0
}

#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn differ(&mut self, path: impl Into<String>, before: Option<Term>, after: Option<Term>) {
        if before != after {
            self.0.push(Change { path: path.into(), before, after });
        }
    }

    fn maps<T>(
        &mut self,
        path: &str,
        before: &BTreeMap<String, T>,
        after: &BTreeMap<String, T>,
        term: impl Fn(&T) -> Term,
    ) {
        for (name, old) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
            self.differ(format!("{path}.{name}"), Some(term(old)), None);
        }
        for (name, new) in after {
            self.differ(format!("{path}.{name}"), before.get(name).map(&term), Some(term(new)));
        }
    }

    fn operations(&mut self, path: &str, old: &Operation, new: &Operation) {
        let text = |text: &String| Term::Text(text.clone());
        self.maps(&format!("{path}.parameters"), &old.parameters, &new.parameters, |q| Term::Quantity(q.clone()));
        self.maps(&format!("{path}.choices"), &old.choices, &new.choices, text);
        self.maps(&format!("{path}.expressions"), &old.expressions, &new.expressions, text);
        let placed = |operation: &Operation| operation.placement.clone().map(Term::Placement);
        self.differ(format!("{path}.placement"), placed(old), placed(new));
        let sketch = |of: &Operation, n: usize| of.sketches.get(n).map(|s| Term::Sketch(Box::new(s.clone())));
        for n in 0..old.sketches.len().max(new.sketches.len()) {
            self.differ(format!("{path}.sketches[{n}]"), sketch(old, n), sketch(new, n));
        }
        let followed = |operation: &Operation| operation.path.clone().map(Term::Path);
        self.differ(format!("{path}.path"), followed(old), followed(new));
    }
}

#[cfg(test)]
mod tests {
    use part::{Face, Material, Position};
    use proptest::prelude::*;

    use super::*;

    fn plate(thickness: f64) -> Operation {
        let mut plate = Operation::new("plate", "plate");
        for (name, value) in [("length", 80.0), ("width", 60.0), ("thickness", thickness)] {
            plate.parameters.insert(name.into(), Quantity::said(value, format!("{value}"), 0, 0..2));
        }
        plate
    }

    fn hole(id: &str) -> Operation {
        let placement = Some(Placement::new(Face::Top, Position::Centre));
        Operation { placement, ..Operation::new(id, "hole") }
    }

    fn paths(before: &Part, after: &Part) -> Vec<String> {
        diff(before, after).into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn each_difference_is_named_by_the_path_that_holds_it() {
        let before = Part { features: vec![plate(3.0), hole("hole"), hole("hole-2")], ..Part::default() };
        let mut after = before.clone();
        after.material = Some(Material::Petg);
        after.quantity = 4;
        after.features[0].parameters.insert("thickness".into(), Quantity::said(5.0, "5", 1, 0..1));
        after.features[0].parameters.remove("width");
        after.features[1].choices.insert("kind".into(), "blind".into());
        after.features[1].placement = None;
        after.features.remove(2);
        after.features.push(hole("hole-3"));
        assert_eq!(
            paths(&before, &after),
            [
                "material",
                "quantity",
                "features.hole-2",
                "features.plate.parameters.width",
                "features.plate.parameters.thickness",
                "features.hole.choices.kind",
                "features.hole.placement",
                "features.hole-3",
            ]
        );
        let thickness = &diff(&before, &after)[4];
        let value = |term: &Option<Term>| match term {
            Some(Term::Quantity(q)) => q.value,
            other => panic!("{other:?}"),
        };
        assert_eq!((value(&thickness.before), value(&thickness.after)), (3.0, 5.0));
    }

    #[test]
    fn the_order_of_operations_is_a_difference() {
        let before = Part { features: vec![plate(3.0), hole("a"), hole("b")], ..Part::default() };
        let after = Part { features: vec![plate(3.0), hole("b"), hole("a")], ..Part::default() };
        assert_eq!(paths(&before, &after), ["features"]);
    }

    #[test]
    fn another_kind_under_the_same_name_is_another_operation() {
        let before = Part { features: vec![hole("x")], ..Part::default() };
        let after = Part { features: vec![Operation::new("x", "fillet")], ..Part::default() };
        assert_eq!(paths(&before, &after), ["features.x"]);
    }

    fn some_part() -> impl Strategy<Value = Part> {
        let operation = (0..3_usize, prop::option::of(1..4_u8), any::<bool>(), any::<bool>()).prop_map(
            |(kind, depth, placed, chosen)| {
                let kind = ["hole", "slot", "pocket"][kind];
                let mut operation = Operation::new("", kind);
                if let Some(depth) = depth {
                    operation.parameters.insert("depth".into(), Quantity::said(depth.into(), "", 0, 0..1));
                }
                operation.placement = placed.then(|| Placement::new(Face::Top, Position::Centre));
                if chosen {
                    operation.choices.insert("kind".into(), "blind".into());
                }
                operation
            },
        );
        let operations = prop::collection::btree_map(0..5_u8, operation, 0..4);
        (operations, 1..3_u32, any::<bool>()).prop_map(|(operations, quantity, reversed)| {
            let mut features: Vec<Operation> =
                operations.into_iter().map(|(id, o)| Operation { id: format!("o{id}"), ..o }).collect();
            if reversed {
                features.reverse();
            }
            Part { quantity, features, ..Part::default() }
        })
    }

    proptest! {
        #[test]
        fn nothing_differs_exactly_where_parts_are_equal_and_backwards_is_the_inverse(a in some_part(), b in some_part()) {
            let changes = diff(&a, &b);
            prop_assert_eq!(changes.is_empty(), a == b);
            let mut forth: Vec<Change> = changes
                .into_iter()
                .map(|c| Change { path: c.path, before: c.after, after: c.before })
                .collect();
            let mut back = diff(&b, &a);
            forth.sort_by(|x, y| x.path.cmp(&y.path));
            back.sort_by(|x, y| x.path.cmp(&y.path));
            prop_assert_eq!(forth, back);
        }
    }
}
