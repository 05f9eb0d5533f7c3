//! Paths: a variable or the environment, and the fields that are followed from it. What is known is known of paths.

use super::{Expr, ExprKind, Local};
use crate::types::{EnumId, FieldDef, RecordId, Schema, Type};

/// A path: where it starts and the fields that it follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    root: Root,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Root {
    Local(u32),
    Environment(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(RecordId, u32),
    Variant(EnumId, u16, u32),
}

/// The path that an expression is, if it is one.
pub fn path_of(expr: &Expr) -> Option<Path> {
    path_of_kind(&expr.kind)
}

/// The path that a form of expression is, if it is one.
pub fn path_of_kind(kind: &ExprKind) -> Option<Path> {
    let (of, step) = match kind {
        ExprKind::Local(Local(number)) => {
            return Some(Path { root: Root::Local(*number), steps: Vec::new() });
        }
        ExprKind::Environment(field) => {
            return Some(Path { root: Root::Environment(*field), steps: Vec::new() });
        }
        ExprKind::Field { of, record, field } => (of, Step::Field(*record, *field)),
        ExprKind::VariantField { of, enumeration, variant, field } => {
            (of, Step::Variant(*enumeration, *variant, *field))
        }
        _ => return None,
    };
    let mut path = path_of(of)?;
    path.steps.push(step);
    Some(path)
}

impl Path {
    /// A variable.
    #[must_use]
    pub fn variable(variable: Local) -> Self {
        Self { root: Root::Local(variable.0), steps: Vec::new() }
    }

    /// The path with another in the place of the variable that it starts from, if it starts from one.
    #[must_use]
    pub fn rebased(self, base: impl FnOnce(Local) -> Self) -> Self {
        let Root::Local(variable) = self.root else { return self };
        let mut path = base(Local(variable));
        path.steps.extend(self.steps);
        path
    }

    /// What follows a variable, as it is written, and the type of what it leads to; nothing where a variant is on the way.
    #[must_use]
    pub fn below<'s>(&self, variable: Local, schema: &'s Schema) -> Option<(String, &'s Type)> {
        let fields: Option<Vec<&FieldDef>> = self.steps.iter().map(|step| field(schema, *step)).collect();
        let fields = fields.filter(|_| self.root == Root::Local(variable.0))?;
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        Some((names.join("."), &fields.last()?.ty))
    }

    /// Whether another path goes on from where this one ends, or ends there too.
    #[must_use]
    pub fn begins(&self, other: &Self) -> bool {
        self.root == other.root && other.steps.starts_with(&self.steps)
    }
}

fn field(schema: &Schema, step: Step) -> Option<&FieldDef> {
    match step {
        Step::Field(record, field) => schema.record(record)?.fields.get(usize::try_from(field).ok()?),
        Step::Variant(..) => None,
    }
}
