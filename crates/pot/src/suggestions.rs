//! Suggested edits in words, as `pot make` shows them.

use proto::pot::part::v1::{Edit, Operation, Quantity, edit::Edit as E, variable::Variable as V};

/// What an edit does; `None` for one that no search proposes.
pub(crate) fn words(edit: &Edit) -> Option<String> {
    Some(match edit.edit.as_ref()? {
        E::SetParameter(set) => format!("{}.{} = {}", set.operation, set.parameter, value(set.value.as_ref())),
        E::SetChoice(set) => format!("{}.{} = {}", set.operation, set.choice, set.value),
        E::SetVariable(set) => match set.variable.as_ref()?.variable.as_ref()? {
            V::Value(quantity) => format!("{} = {}", set.name, value(Some(quantity))),
            V::Expression(formula) => format!("{} = {formula}", set.name),
        },
        E::SetFit(fit) => format!("fit = {fit}"),
        E::Place(place) => format!("move {}", place.operation),
        E::Add(operation) => format!("add {}", with_values(operation)),
        E::Insert(insert) => format!("add {}", with_values(insert.operation.as_ref()?)),
        E::Remove(operation) => format!("drop {operation}"),
        _ => return None,
    })
}

fn value(quantity: Option<&Quantity>) -> f64 {
    quantity.map_or(0.0, |quantity| quantity.value)
}

fn with_values(operation: &Operation) -> String {
    let mut values: Vec<_> =
        operation.parameters.iter().map(|(name, quantity)| format!("{name} {}", value(Some(quantity)))).collect();
    values.sort();
    format!("{} ({})", operation.kind, values.join(", "))
}

#[cfg(test)]
mod tests {
    use proto::pot::part::v1 as pb;

    use super::*;

    #[test]
    fn edits_read_as_what_they_set() {
        let quantity = |value: f64| pb::Quantity { value, ..Default::default() };
        let set = pb::SetParameter { operation: "box".into(), parameter: "wall".into(), value: Some(quantity(1.2)) };
        let chamfer = pb::Operation {
            kind: "chamfer".into(),
            parameters: [("size".to_owned(), quantity(2.0))].into(),
            ..Default::default()
        };
        let insert = pb::Insert { operation: Some(chamfer), of: "fillet".into(), after: true };
        for (edit, said) in [
            (E::SetParameter(set), Some("box.wall = 1.2")),
            (E::Insert(insert), Some("add chamfer (size 2)")),
            (E::Remove("fillet".into()), Some("drop fillet")),
            (E::StartOver(pb::StartOver {}), None),
        ] {
            assert_eq!(words(&Edit { edit: Some(edit) }).as_deref(), said);
        }
    }
}
