//! Why a condition failed: which conjunct was false, both sides of a comparison with where they stand, which element of
//! an `all` failed.
//!
//! Only failing requirements are explained, by evaluating their parts again; passing ones cost nothing.

use palisade_syntax::ast::{CompareOp, LogicOp, QuantifierKind};

use super::eval::Evaluator;
use super::print::show;
use super::value::{Defect, Traced, Truth, Value};
use crate::ir::{Expr, ExprKind};
use crate::place::{Part, Place};

/// What was found about a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// In words.
    pub notes: Vec<String>,
    /// Places that show it, the smallest first.
    pub places: Vec<(Place, Part)>,
    /// Further places with a word each.
    pub related: Vec<(String, Place, Part)>,
}

/// Explains why an expression did not come out as wanted.
pub fn explain(evaluator: &mut Evaluator<'_>, expr: &Expr, wanted: bool) -> Result<Explanation, Defect> {
    let mut explainer = Explainer { evaluator, found: Explanation::default() };
    explainer.explain(expr, wanted)?;
    Ok(explainer.found)
}

struct Explainer<'e, 'w> {
    evaluator: &'e mut Evaluator<'w>,
    found: Explanation,
}

impl Explainer<'_, '_> {
    fn explain(&mut self, expr: &Expr, wanted: bool) -> Result<(), Defect> {
        match &expr.kind {
            ExprKind::Not(inner) => self.explain(inner, !wanted),
            ExprKind::Logic(op, operands) => self.logic(*op, operands, wanted),
            ExprKind::Compare(op, left, right) => self.comparison(*op, left, right, wanted),
            ExprKind::Quantifier { kind, variable, collection, body } => {
                self.quantifier(*kind, *variable, collection, body, wanted)
            }
            ExprKind::IsSet(inner)
            | ExprKind::IsNone(inner)
            | ExprKind::IsVariant(inner, _)
            | ExprKind::IsRecord(inner, _) => {
                let value = self.evaluator.eval(inner)?;
                self.value(&value);
                Ok(())
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, wanted),
            ExprKind::Extern(_, arguments) => {
                for argument in arguments {
                    let value = self.evaluator.eval(argument)?;
                    self.place_of(&value);
                }
                Ok(())
            }
            _ => {
                let value = self.evaluator.eval(expr)?;
                self.place_of(&value);
                Ok(())
            }
        }
    }

    /// The operands that kept the whole from coming out as wanted.
    fn logic(&mut self, op: LogicOp, operands: &[Expr], wanted: bool) -> Result<(), Defect> {
        let all_matter = (op == LogicOp::Or) == wanted;
        for operand in operands {
            let as_wanted = self.evaluator.truth(operand)? == Truth::known(wanted);
            if !as_wanted {
                self.explain(operand, wanted)?;
                if !all_matter {
                    break;
                }
            }
        }
        Ok(())
    }

    fn comparison(&mut self, op: CompareOp, left: &Expr, right: &Expr, wanted: bool) -> Result<(), Defect> {
        let (left, right) = (self.evaluator.eval(left)?, self.evaluator.eval(right)?);
        let text = |side: &Traced| show(self.evaluator.world, side);
        let (l, r) = (text(&left), text(&right));
        self.found.notes.push(format!("`{l}` {} `{r}`", relation(op, !wanted)));
        self.place_of(&left);
        self.place_of(&right);
        for (side, text) in [(&left, l), (&right, r)] {
            if let Some((place, part)) = self.scalar_place(side) {
                self.found.related.push((format!("this is `{text}`"), place, part));
            }
        }
        Ok(())
    }

    fn quantifier(
        &mut self,
        kind: QuantifierKind,
        variable: crate::ir::Local,
        collection: &Expr,
        body: &Expr,
        wanted: bool,
    ) -> Result<(), Defect> {
        let collection_value = self.evaluator.eval(collection)?;
        let Ok(elements) = self.evaluator.elements(&collection_value)? else { return Ok(()) };
        // Which truth of an element speaks against the whole.
        let against =
            !matches!((kind, wanted), (QuantifierKind::All | QuantifierKind::Any, true) | (QuantifierKind::No, false));
        if elements.is_empty() {
            self.found.notes.push("there is none to look at: the list is empty".to_owned());
            self.place_of(&collection_value);
            return Ok(());
        }
        let single = matches!((kind, wanted), (QuantifierKind::All | QuantifierKind::No, true));
        for element in elements.into_iter().take(MOST_ELEMENTS) {
            self.evaluator.set(variable, element.clone());
            if self.evaluator.truth(body)? == Truth::known(against) && single {
                self.found.notes.push(format!("it fails for `{}`", show(self.evaluator.world, &element)));
                self.place_of(&element);
                self.explain(body, !against)?;
                return Ok(());
            }
        }
        self.place_of(&collection_value);
        if self.found.places.is_empty() {
            // The list stands in the policy; what its elements were held against may stand in the environment.
            let said = self.found.notes.len();
            self.explain(body, !against)?;
            self.found.notes.truncate(said);
        }
        Ok(())
    }

    /// A function of the language is explained by its body.
    fn call(&mut self, name: &crate::names::DefName, arguments: &[Expr], wanted: bool) -> Result<(), Defect> {
        let found = self.evaluator.in_function(name, arguments, |inner, body| explain(inner, body, wanted))?;
        self.found.notes.extend(found.notes);
        self.found.places.extend(found.places);
        self.found.related.extend(found.related);
        Ok(())
    }

    fn value(&mut self, value: &Traced) {
        self.found.notes.push(format!("found: `{}`", show(self.evaluator.world, value)));
        self.place_of(value);
        self.elements(value);
    }

    /// Where the elements of a list stand, if they are from elsewhere than the list.
    fn elements(&mut self, list: &Traced) {
        let Value::List(items) = &list.value else { return };
        let Some(whole) = self.evaluator.written_at(list) else { return };
        for item in items.iter().take(MOST_SHOWN) {
            let Some((place, part)) = self.evaluator.written_at(item) else { continue };
            if !place.segments.starts_with(&whole.0.segments) {
                let text = format!("found: `{}`", show(self.evaluator.world, item));
                self.found.related.push((text, place, part));
            }
        }
    }

    fn place_of(&mut self, value: &Traced) {
        self.found.places.extend(self.evaluator.written_at(value));
    }

    /// The place of a value that is written on one line.
    fn scalar_place(&self, value: &Traced) -> Option<(Place, Part)> {
        let collection = matches!(value.value, Value::List(_) | Value::Map(_) | Value::Record(..));
        let part_of_something = value.origin.as_ref().is_some_and(|origin| !origin.is_root());
        self.evaluator.written_at(value).filter(|_| part_of_something && !collection)
    }
}

/// What holds between two values.
fn relation(op: CompareOp, holds: bool) -> &'static str {
    match (op, holds) {
        (CompareOp::Equal, true) | (CompareOp::NotEqual, false) => "is",
        (CompareOp::Equal, false) | (CompareOp::NotEqual, true) => "is not",
        (CompareOp::Less, true) | (CompareOp::GreaterOrEqual, false) => "is less than",
        (CompareOp::LessOrEqual, true) | (CompareOp::Greater, false) => "is at most",
        (CompareOp::Greater, true) | (CompareOp::LessOrEqual, false) => "is more than",
        (CompareOp::GreaterOrEqual, true) | (CompareOp::Less, false) => "is at least",
        (CompareOp::In, true) | (CompareOp::NotIn, false) => "is in",
        (CompareOp::In, false) | (CompareOp::NotIn, true) => "is not in",
        (CompareOp::Contains, true) => "holds",
        (CompareOp::Contains, false) => "does not hold",
        (CompareOp::Overlaps, true) => "overlaps",
        (CompareOp::Overlaps, false) => "does not overlap",
    }
}

/// Of a list's elements this many are pointed at.
const MOST_SHOWN: usize = 10;
/// A failure is looked for among this many elements.
const MOST_ELEMENTS: usize = 10_000;
