//! Pages of lists.

use rpc::Error;

/// One page and where the next begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Empty on the last page.
    pub next: String,
}

impl<T> Page<T> {
    /// A page whose next one begins after its last item, named by `token`; a short page is the last.
    pub fn new(items: Vec<T>, size: u32, token: impl Fn(&T) -> String) -> Self {
        let next =
            if items.len() < size as usize { String::new() } else { items.last().map(token).unwrap_or_default() };
        Page { items, next }
    }
}

/// The page size of a request: 25 when unsaid, at most 100.
pub fn page_size(asked: i32) -> Result<u32, Error> {
    match asked {
        0 => Ok(25),
        1.. => Ok(asked.min(100) as u32),
        _ => Err(Error::invalid("page_size", format!("is {asked}, and cannot be negative"))),
    }
}
