//! Conditions and choices: `and`, `or`, `is`, `if`, `match`, quantifiers. Here facts are learnt and used.

use std::collections::BTreeSet;

use palisade_syntax::ast::{self, Ident, IsTest, LogicOp, NodeId, Path, QuantifierKind};

use super::checker::{Checker, a_type, error_of, quoted};
use super::collection::Use;
use super::facts::{Case, Facts, all_cases, branches};
use super::name::variant_of;
use super::source::shown;
use super::{codes, mentions};
use crate::ir::{Arm, ArmPattern, Expr, ExprKind, VerdictWord};
use crate::suggest::nearest;
use crate::types::{EnumId, RecordId, Type, TypeDef};

const VERDICTS: &[(&str, VerdictWord)] = &[
    ("allowed", VerdictWord::Allowed),
    ("denied", VerdictWord::Denied),
    ("partial", VerdictWord::Partial),
    ("undetermined", VerdictWord::Undetermined),
];

impl Checker<'_> {
    /// Each operand is read with what the ones before it say.
    pub(super) fn logic(&mut self, id: NodeId, op: LogicOp, operands: &[ast::Expr]) -> Expr {
        let before = self.facts.clone();
        let mut checked = Vec::new();
        for operand in operands {
            let value = self.condition(operand);
            match op {
                LogicOp::And => self.assume(&value),
                LogicOp::Or => self.assume_not(&value),
            }
            checked.push(value);
        }
        self.facts = before;
        Expr { id, ty: Type::Bool, kind: ExprKind::Logic(op, checked) }
    }

    // `is`.

    pub(super) fn is(&mut self, id: NodeId, subject: &ast::Expr, negated: bool, test: &IsTest) -> Expr {
        let value = self.infer(subject, None);
        let kind = match test {
            IsTest::Set => self.is_set(subject, value),
            IsTest::None => self.is_none(subject, value),
            IsTest::Variants(paths) => self.is_case(subject, value, paths),
        };
        let positive = Expr { id, ty: Type::Bool, kind };
        if negated { Expr { id, ty: Type::Bool, kind: ExprKind::Not(positive.into()) } } else { positive }
    }

    fn is_set(&mut self, e: &ast::Expr, value: Expr) -> ExprKind {
        let declared = self.declared(&value);
        if let Some(index) = self.variant_called("set", &declared) {
            return ExprKind::IsVariant(value.into(), vec![index]);
        }
        match declared {
            Type::Optional(_) | Type::Error => {}
            Type::OrNone(_) => {
                self.wrong_absence(e, "or none", "is not none");
                return ExprKind::Error;
            }
            _ => self.never_absent(e, &value, "so `is set` is always true"),
        }
        ExprKind::IsSet(value.into())
    }

    fn is_none(&mut self, e: &ast::Expr, value: Expr) -> ExprKind {
        let declared = self.declared(&value);
        if let Some(index) = self.variant_called("none", &declared) {
            return ExprKind::IsVariant(value.into(), vec![index]);
        }
        match declared {
            Type::OrNone(_) | Type::Error => {}
            Type::Optional(inner) => {
                if self.variant_called("none", &inner).is_some() {
                    let value = self.present(e, value);
                    return self
                        .variant_called("none", &inner)
                        .map_or(ExprKind::Error, |index| ExprKind::IsVariant(value.into(), vec![index]));
                }
                self.wrong_absence(e, "?", "is not set");
                return ExprKind::Error;
            }
            _ => self.never_absent(e, &value, "so `is none` is always false"),
        }
        ExprKind::IsNone(value.into())
    }

    pub(super) fn variant_called(&self, name: &str, ty: &Type) -> Option<u16> {
        let Type::Enum(id) = ty else { return None };
        variant_of(self.schema.enumeration(*id)?, name).map(|(index, _)| index)
    }

    fn wrong_absence(&mut self, e: &ast::Expr, kind: &str, right: &str) {
        let (subject, path) = shown(e);
        let subject = quoted(&subject, path);
        let message = match kind {
            "?" => format!(
                "absent means unknown for {subject} (its type ends in `?`), and `is none` asks whether there is none"
            ),
            _ => format!(
                "{subject} is `or none`: absent means that there is none, and `is set` asks whether it is known"
            ),
        };
        self.error(codes::WRONG_ABSENCE_TEST, e.id, message, format!("write `{right}`"));
    }

    pub(super) fn never_absent(&mut self, e: &ast::Expr, value: &Expr, so: &str) {
        if value.ty == Type::Error || matches!(self.declared(value), Type::Optional(_) | Type::OrNone(_)) {
            return;
        }
        let (subject, path) = shown(e);
        let message = format!("{} is never absent, {so}", quoted(&subject, path));
        self.warning(codes::NEVER_ABSENT, e.id, message, "remove the test, or test what may be absent");
    }

    fn is_case(&mut self, e: &ast::Expr, value: Expr, paths: &[Path]) -> ExprKind {
        // What has no cases at all need not be present either.
        let value = if has_cases(value.ty.narrowed()) { self.present(e, value) } else { value };
        let Some(pattern) = self.pattern(e, value.ty.narrowed(), paths) else { return ExprKind::Error };
        match pattern {
            ArmPattern::Variants(variants) => ExprKind::IsVariant(value.into(), variants),
            ArmPattern::Records(records) => ExprKind::IsRecord(value.into(), records),
            ArmPattern::Verdicts(words) => ExprKind::IsVerdict(value.into(), words),
            ArmPattern::Else => ExprKind::Error,
        }
    }

    /// The cases that paths name, for a subject of a type.
    fn pattern(&mut self, subject: &ast::Expr, ty: &Type, paths: &[Path]) -> Option<ArmPattern> {
        match ty {
            Type::Enum(id) => self.all_of(paths, |c, p| c.variant_pattern(*id, p)).map(ArmPattern::Variants),
            Type::Verdict => self.all_of(paths, Self::verdict_pattern).map(ArmPattern::Verdicts),
            Type::OneOf(ids) => self.all_of(paths, |c, p| c.record_pattern(ids, p)).map(ArmPattern::Records),
            Type::Record(id) => self.all_of(paths, |c, p| c.record_pattern(&[*id], p)).map(ArmPattern::Records),
            Type::Error => None,
            other => {
                let (text, path) = shown(subject);
                let message =
                    format!("{} is {}, which has no variants", quoted(&text, path), a_type(&self.show(other)));
                let word = paths.first().map(Path::dotted).unwrap_or_default();
                let help = match nearest(&word, ["set", "none"]) {
                    _ if ["null", "nil", "empty", "undefined"].contains(&word.as_str()) => {
                        "ask `is set`, or of what is `or none`: `is none`".to_owned()
                    }
                    Some(near) => format!("did you mean `is {near}`?"),
                    None => "compare it with `==`".to_owned(),
                };
                self.error(codes::WRONG_OPERAND, subject.id, message, help);
                None
            }
        }
    }

    fn all_of<T>(&mut self, paths: &[Path], mut one: impl FnMut(&mut Self, &Path) -> Option<T>) -> Option<Vec<T>> {
        let found: Vec<Option<T>> = paths.iter().map(|path| one(self, path)).collect();
        found.into_iter().collect()
    }

    fn variant_pattern(&mut self, id: EnumId, path: &Path) -> Option<u16> {
        let (name, before) = path.segments.split_last()?;
        let def = self.schema.enumeration(id)?;
        if !before.is_empty() {
            let qualifier = Path { id: path.id, segments: before.to_vec() };
            let found = self.type_named(&qualifier)?;
            if found != TypeDef::Enum(id) {
                let message =
                    format!("this is {}, and `{}` is another type", a_type(&def.name.name), qualifier.dotted());
                self.error(codes::TYPE_MISMATCH, path.id, message, format!("name a variant of `{}`", def.name.name));
                return None;
            }
        }
        let found = variant_of(def, &name.text).map(|(index, _)| index);
        if found.is_none() {
            self.unknown_variant(name, def);
        }
        found
    }

    fn verdict_pattern(&mut self, path: &Path) -> Option<VerdictWord> {
        let name = path.segments.last()?;
        let found = VERDICTS.iter().find(|(word, _)| *word == path.dotted()).map(|(_, v)| *v);
        if found.is_none() {
            let words: Vec<&str> = VERDICTS.iter().map(|(word, _)| *word).collect();
            let all = format!("a verdict is `{}`", words.join("`, `"));
            self.unknown(codes::UNKNOWN_VARIANT, name, format!("a `Verdict` is never `{}`", name.text), &words, all);
        }
        found
    }

    fn record_pattern(&mut self, ids: &[RecordId], path: &Path) -> Option<RecordId> {
        let records = ids.iter().filter_map(|id| self.schema.record(*id));
        let names: Vec<&str> = records.map(|r| r.name.name.as_str()).collect();
        let known = self.cx.scope.word(&path.segments.first()?.text).is_some();
        if !known && let Some(near) = nearest(&path.dotted(), names.iter().copied()) {
            let help =
                if near == path.dotted() { format!("import `{near}`") } else { format!("did you mean `{near}`?") };
            self.error(codes::UNKNOWN_TYPE, path.id, format!("there is no type `{}` here", path.dotted()), help);
            return None;
        }
        match self.type_named(path)? {
            TypeDef::Record(id) if ids.contains(&id) => Some(id),
            _ => {
                let message = format!("this is never a `{}`: it is a `{}`", path.dotted(), names.join("` or a `"));
                self.error(codes::UNKNOWN_VARIANT, path.id, message, "name one of those");
                None
            }
        }
    }

    // Choices.

    pub(super) fn conditional(
        &mut self,
        id: NodeId,
        (condition, then, otherwise): (&ast::Expr, &ast::Expr, &ast::Expr),
        want: Option<&Type>,
    ) -> Expr {
        let condition = self.condition(condition);
        let sides = branches(self.schema, &condition);
        let with = |side: &Facts| {
            let mut facts = self.facts.clone();
            facts.and(side);
            facts
        };
        let parts = [(then, with(&sides.yes)), (otherwise, with(&sides.no))];
        let (values, ty) = self.alike(&parts, want, "another branch, or its place, makes this", Use::Branch);
        match <[Expr; 2]>::try_from(values) {
            Ok([then, otherwise]) => {
                Expr { id, ty, kind: ExprKind::If(condition.into(), then.into(), otherwise.into()) }
            }
            Err(_) => error_of(id, ty),
        }
    }

    pub(super) fn match_(&mut self, id: NodeId, subject: &ast::Expr, arms: &[ast::Arm], want: Option<&Type>) -> Expr {
        let value = self.value(subject, None);
        let mut left = self.cases_left(&value);
        let total = left.clone();
        let mut patterns = Vec::new();
        let mut parts = Vec::new();
        let mut sound = true;
        for arm in arms {
            let pattern = self.arm_pattern(subject, &value, arm);
            sound &= pattern.is_some();
            let taken = match pattern.as_ref().and_then(cases_in) {
                Some(cases) => cases,
                None => left.clone(),
            };
            if sound {
                self.check_reached(arm, &taken, &left, &total);
            }
            let mut facts = self.facts.clone();
            if !matches!(value.ty, Type::Verdict | Type::Error) && pattern.is_some() {
                facts.and(&Facts::cases(&value, taken.intersection(&left).copied().collect()));
            }
            left = left.difference(&taken).copied().collect();
            parts.push((&arm.value, facts));
            patterns.push(pattern.unwrap_or(ArmPattern::Else));
        }
        if sound && !left.is_empty() {
            self.missing_arms(id, &value.ty, &left);
        }
        let (values, ty) = self.alike(&parts, want, "another arm, or its place, makes this", Use::Branch);
        let arms = patterns.into_iter().zip(values).map(|(pattern, value)| Arm { pattern, value }).collect();
        Expr { id, ty, kind: ExprKind::Match(value.into(), arms) }
    }

    fn arm_pattern(&mut self, subject: &ast::Expr, value: &Expr, arm: &ast::Arm) -> Option<ArmPattern> {
        if arm.variants.is_empty() { Some(ArmPattern::Else) } else { self.pattern(subject, &value.ty, &arm.variants) }
    }

    fn cases_left(&self, value: &Expr) -> BTreeSet<Case> {
        match (&value.ty, self.facts.cases_of(value)) {
            (Type::Verdict, _) => VERDICTS.iter().map(|(_, v)| *v as Case).collect(),
            (_, Some(cases)) => cases.clone(),
            (ty, None) => all_cases(self.schema, ty),
        }
    }

    fn check_reached(&mut self, arm: &ast::Arm, taken: &BTreeSet<Case>, left: &BTreeSet<Case>, total: &BTreeSet<Case>) {
        if arm.variants.is_empty() {
            if left.is_empty() && !total.is_empty() {
                self.warning(
                    codes::UNREACHABLE_ARM,
                    arm.id,
                    "nothing is left for `else`",
                    "remove it, so that a new variant is noticed",
                );
            }
        } else if !taken.is_subset(left) || has_twice(&arm.variants) {
            let help = "remove it: an earlier arm, or a condition before the `match`, has taken it";
            self.error(codes::UNREACHABLE_ARM, arm.id, "a case of this arm is never reached", help);
        }
    }

    fn missing_arms(&mut self, id: NodeId, ty: &Type, left: &BTreeSet<Case>) {
        let names: Vec<&str> = left.iter().map(|case| self.case_name(ty, *case)).collect();
        let names = names.join("`, `");
        let message = format!("the `match` does not say what happens for `{names}`");
        self.error(codes::MISSING_ARM, id, message, "add an arm, or `else => …`");
    }

    fn case_name(&self, ty: &Type, case: Case) -> &str {
        let name = match ty {
            Type::Enum(id) => {
                self.schema.enumeration(*id).and_then(|e| e.variants.get(case as usize)).map(|v| v.name.as_str())
            }
            Type::Verdict => VERDICTS.iter().find(|(_, v)| *v as Case == case).map(|(word, _)| *word),
            _ => self.schema.record(RecordId(case)).map(|r| r.name.name.as_str()),
        };
        name.unwrap_or("?")
    }

    // Quantifiers.

    pub(super) fn quantifier(
        &mut self,
        id: NodeId,
        kind: QuantifierKind,
        variable: &Ident,
        collection: &ast::Expr,
        body: &ast::Expr,
    ) -> Expr {
        let (collection, item) = self.collection(collection);
        self.check_operands(variable, body);
        let block = self.enter();
        let local = self.declare(variable, item, None);
        let before = self.unclear();
        let body = self.condition(body);
        self.leave(block);
        let ty = match kind {
            // A body that ran too far right is one mistake: what it was compared with is in it.
            QuantifierKind::Count if self.unclear() > before => Type::Error,
            QuantifierKind::Count => Type::Int,
            QuantifierKind::All | QuantifierKind::Any | QuantifierKind::No => Type::Bool,
        };
        let kind = ExprKind::Quantifier { kind, variable: local, collection: collection.into(), body: body.into() };
        Expr { id, ty, kind }
    }

    /// The body runs as far right as it can, so an operand that is not about the variable was probably meant outside.
    fn check_operands(&mut self, variable: &Ident, body: &ast::Expr) {
        let ast::ExprKind::Logic(op, operands) = &body.kind else { return };
        let word = if *op == LogicOp::And { "and" } else { "or" };
        for operand in operands {
            if !mentions::words(operand).contains(&variable.text) && !mentions::has_error(operand) {
                let message = format!(
                    "this operand of `{word}` does not use `{}`, though it belongs to the quantifier's body",
                    variable.text
                );
                let help = "put the quantifier in parentheses, so that it ends before, or move this operand before it";
                self.error(codes::FREE_OPERAND, operand.id, message, help);
            }
        }
    }
}

fn cases_in(pattern: &ArmPattern) -> Option<BTreeSet<Case>> {
    match pattern {
        ArmPattern::Variants(variants) => Some(variants.iter().map(|v| Case::from(*v)).collect()),
        ArmPattern::Records(records) => Some(records.iter().map(|r| r.0).collect()),
        ArmPattern::Verdicts(words) => Some(words.iter().map(|w| *w as Case).collect()),
        ArmPattern::Else => None,
    }
}

fn has_twice(paths: &[Path]) -> bool {
    let names: BTreeSet<_> = paths.iter().filter_map(|p| p.segments.last()).map(|s| &s.text).collect();
    names.len() < paths.len()
}

/// Whether a type is one of several: the types whose cases stand after `is`.
fn has_cases(ty: &Type) -> bool {
    matches!(ty, Type::Enum(_) | Type::Verdict | Type::OneOf(_) | Type::Record(_) | Type::Error)
}
