//! Documentation texts: the first line is the title, the rest is the page.

use smol_str::SmolStr;

/// Splits documentation into its title and the rest; without any, the name is the title.
pub fn split_doc(doc: Option<&str>, name: &str) -> (SmolStr, SmolStr) {
    let Some(doc) = doc.map(str::trim).filter(|doc| !doc.is_empty()) else {
        return (name.into(), SmolStr::default());
    };
    let (title, rest) = doc.split_once('\n').unwrap_or((doc, ""));
    (title.trim().into(), rest.trim().into())
}
