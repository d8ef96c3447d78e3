//! Plurals and genders by rule. Over-generation does no harm: a form that nobody says is never looked up.

use super::{Class, Language};

/// Words inside a phrase that never inflect.
const FIXED: &[&str] =
    &["de", "do", "da", "em", "para", "com", "l", "o", "a", "no", "na", "of", "in", "el", "la", "del", "y"];

pub(super) fn forms(form: &str, class: Class, language: Option<Language>) -> Vec<String> {
    let mut forms = vec![form.to_owned()];
    let Some(language) = language else { return forms };
    match language {
        Language::En => {
            if class.is_noun() {
                push_with(&mut forms, form, |words| {
                    if let Some(last) = words.last_mut() {
                        *last = english_plural(last);
                    }
                });
            }
        }
        Language::Pt | Language::Es => {
            let plural = if language == Language::Pt { portuguese_plural } else { spanish_plural };
            if class.is_noun() {
                push_with(&mut forms, form, |words| words[0] = plural(&words[0]));
                push_with(&mut forms, form, |words| {
                    for word in words.iter_mut().filter(|w| !FIXED.contains(&w.as_str())) {
                        *word = plural(word);
                    }
                });
            }
            if class.is_adjective() {
                for feminine in [false, true] {
                    for many in [false, true] {
                        push_with(&mut forms, form, |words| {
                            let Some(last) = words.last_mut() else { return };
                            if feminine && last.ends_with('o') {
                                last.replace_range(last.len() - 1.., "a");
                            }
                            if many {
                                *last = plural(last);
                            }
                        });
                    }
                }
            }
        }
    }
    forms
}

fn push_with(forms: &mut Vec<String>, form: &str, change: impl FnOnce(&mut Vec<String>)) {
    let mut words: Vec<String> = form.split(' ').map(str::to_owned).collect();
    change(&mut words);
    let made = words.join(" ");
    if !forms.contains(&made) {
        forms.push(made);
    }
}

fn english_plural(word: &str) -> String {
    let vowel_before_y = word.len() > 1 && b"aeiou".contains(&word.as_bytes()[word.len() - 2]);
    match word.as_bytes().last() {
        Some(b'y') if !vowel_before_y => format!("{}ies", &word[..word.len() - 1]),
        Some(b's' | b'x' | b'z') => format!("{word}es"),
        Some(b'h') if word.ends_with("ch") || word.ends_with("sh") => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

fn portuguese_plural(word: &str) -> String {
    let stem = |n: usize| &word[..word.len() - n];
    match word.as_bytes() {
        [.., b'a', b'o'] => format!("{}oes", stem(2)),
        [.., b'i', b'l'] => format!("{}is", stem(2)),
        [.., b'l'] => format!("{}is", stem(1)),
        [.., b'm'] => format!("{}ns", stem(1)),
        [.., b'r' | b'z'] => format!("{word}es"),
        [.., b's'] => word.to_owned(),
        _ => format!("{word}s"),
    }
}

fn spanish_plural(word: &str) -> String {
    match word.as_bytes() {
        [.., b'z'] => format!("{}ces", &word[..word.len() - 1]),
        [.., b'a' | b'e' | b'i' | b'o' | b'u'] => format!("{word}s"),
        [.., b's'] => word.to_owned(),
        _ => format!("{word}es"),
    }
}
