//! Expressions in the user's own words, for messages.

use palisade_syntax::ast::{Expr, ExprKind, Template, TemplatePart};

/// An expression as written, if it is short enough to repeat, and whether it was; otherwise `this`.
pub(super) fn shown(expr: &Expr) -> (String, bool) {
    match written(expr, 12).filter(|text| text.len() <= 60) {
        Some(text) => (text, true),
        None => ("this".into(), false),
    }
}

/// `None` for what is too deep to be short, or no path.
fn written(expr: &Expr, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let written = |e: &Expr| written(e, depth);
    match &expr.kind {
        ExprKind::Bool(value) => Some(value.to_string()),
        ExprKind::Literal(text) | ExprKind::Word(text) => Some(text.to_string()),
        ExprKind::Text(template) => Some(format!("\"{}\"", template_text(template))),
        ExprKind::Field(of, name) => Some(format!("{}.{}", written(of)?, name.text)),
        ExprKind::Index(of, key) => Some(format!("{}[{}]", written(of)?, written(key)?)),
        ExprKind::Negate(of) => Some(format!("-{}", written(of)?)),
        ExprKind::Every(path) => Some(format!("every {}", path.dotted())),
        ExprKind::TagRegion { words, region } => {
            let words: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
            Some(format!("{}.{{{}}}", words.join("."), written(region)?))
        }
        ExprKind::Call { callee, arguments } => {
            let arguments: Option<Vec<String>> = arguments.iter().map(&written).collect();
            Some(format!("{}({})", callee.dotted(), arguments?.join(", ")))
        }
        ExprKind::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(&written).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        _ => None,
    }
}

/// A text with `{…}` for what cannot be repeated.
pub(super) fn template_text(template: &Template) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.to_string(),
        TemplatePart::Expr(expr) => format!("{{{}}}", written(expr, 12).unwrap_or_else(|| "…".into())),
    };
    template.parts.iter().map(part).collect()
}
