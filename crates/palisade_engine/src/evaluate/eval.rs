//! Expressions → values.
//!
//! Unknown values follow Kleene: an operand that is not known leaves the result unknown unless the others decide.

use std::sync::Arc;

use palisade_net::ServiceTag;
use palisade_syntax::ast::{AddOp, CompareOp, LogicOp, NodeId};
use smol_str::SmolStr;

use super::compare::compare;
use super::print::show;
use super::read::{entity_field, literal, read, record_field};
use super::record::{Branch, Recorder, Seen};
use super::value::{Defect, Evaluated, Origin, Traced, Truth, Unknown, Value};
use super::world::World;
use crate::data::Data;
use crate::environment::EntityId;
use crate::ir::{Arm, ArmPattern, Expr, ExprKind, ExternFn, Local, TemplatePart, VerdictWord};
use crate::names::DefName;
use crate::place::{Part, Place, Segment};
use crate::types::RecordId;

/// Calls nest no deeper than this. Chains of functions may be long, but there is no recursion.
const DEEPEST_CALL: u32 = 128;
/// Steps that one evaluator takes at most: functions that call each other twice, or quantifiers in quantifiers, could go on
/// for years. A rule over ten thousand resources takes a few hundred thousand.
const MOST_STEPS: u32 = 10_000_000;
/// Room that one level of an expression may take on the stack, and what is added where less is left.
const STACK: (usize, usize) = (128 * 1024, 2 * 1024 * 1024);

/// Evaluates expressions of one item in one environment.
pub struct Evaluator<'w> {
    /// The surroundings.
    pub world: &'w dyn World,
    recorder: Option<&'w dyn Recorder>,
    locals: Vec<Option<Traced>>,
    depth: u32,
    steps: u32,
}

impl<'w> Evaluator<'w> {
    /// An evaluator for an item with this many variables.
    pub fn new(world: &'w dyn World, locals: u32) -> Self {
        Self { world, recorder: world.recorder(), locals: vec![None; locals as usize], depth: 0, steps: 0 }
    }

    /// Gives a variable its value.
    pub fn set(&mut self, local: Local, value: Traced) {
        let at = local.0 as usize;
        if self.locals.len() <= at {
            self.locals.resize(at + 1, None);
        }
        if let Some(slot) = self.locals.get_mut(at) {
            *slot = Some(value);
        }
    }

    /// Evaluates an expression that is a Bool.
    pub fn truth(&mut self, expr: &Expr) -> Result<Truth, Defect> {
        match &expr.kind {
            ExprKind::Logic(op, operands) => {
                let decisive = *op == LogicOp::Or;
                Truth::fold(decisive, operands.iter().map(|operand| self.truth(operand)))
            }
            ExprKind::Not(inner) => Ok(!self.truth(inner)?),
            _ => {
                let traced = self.eval(expr)?;
                self.as_truth(&traced)
            }
        }
    }

    /// A value as a Bool.
    pub fn as_truth(&self, traced: &Traced) -> Result<Truth, Defect> {
        match &traced.value {
            Value::Data(Data::Bool(value)) => Ok(Truth::known(*value)),
            Value::Absent | Value::Unknown(_) => Ok(Truth::Unknown(self.why_unknown(traced))),
            other => Err(Defect::new(format!("a Bool was expected, not {other:?}"))),
        }
    }

    /// Why a value is not known.
    pub fn why_unknown(&self, traced: &Traced) -> Unknown {
        match (&traced.value, &traced.origin) {
            (Value::Unknown(unknown), _) => unknown.clone(),
            (_, Some(origin)) => {
                let place = self.place(origin);
                Unknown::because(format!("`{place}`, which is not stated"), Some(place))
            }
            (_, None) => Unknown::because("a value that is not stated", None),
        }
    }

    /// Where a value is written: key and value of one that stands on one line, else its key; `None` for one that is
    /// computed.
    pub fn written_at(&self, value: &Traced) -> Option<(Place, Part)> {
        let origin = value.origin.as_ref()?;
        let place = self.place(origin);
        let whole = matches!(value.value, Value::List(_) | Value::Map(_) | Value::Record(..));
        let absent = matches!(value.value, Value::Absent | Value::None | Value::Unknown(_));
        let part = if origin.is_root() || whole || absent { Part::Key } else { Part::Entry };
        (!place.segments.is_empty()).then_some((place, part))
    }

    /// The place of an origin.
    pub fn place(&self, origin: &Origin) -> Place {
        origin.place(origin.root.map(|id| self.world.place(id)).unwrap_or_default())
    }

    /// Evaluates an expression, however deep it is nested.
    pub fn eval(&mut self, expr: &Expr) -> Evaluated {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Defect::new(format!("this takes more than {MOST_STEPS} steps")));
        }
        stacker::maybe_grow(STACK.0, STACK.1, || self.eval_kind(expr))
    }

    fn eval_kind(&mut self, expr: &Expr) -> Evaluated {
        match &expr.kind {
            ExprKind::Error => Err(Defect::new("an expression at fault was evaluated")),
            ExprKind::Literal(data) => literal(data, &expr.ty),
            ExprKind::Template(parts) => {
                let text = self.template(parts)?;
                Ok(Traced::computed(Value::Data(Data::Text(text.into()))))
            }
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Const(name) => self.constant(name),
            ExprKind::Field { of, record, field } => self.field(of, *record, *field),
            ExprKind::VariantField { of, enumeration, variant, field } => {
                self.variant_field(of, *enumeration, *variant, *field)
            }
            ExprKind::Environment(field) => self.environment(*field),
            ExprKind::Every(record) => Ok(Traced::computed(Value::List(self.every(*record)))),
            ExprKind::Index(map, key) => self.index(map, key),
            ExprKind::Call(name, arguments) => self.call(name, arguments),
            ExprKind::Extern(function, arguments) => self.external(*function, arguments),
            ExprKind::Aggregate(which, list) => self.aggregate(*which, list),
            ExprKind::List(items) => {
                let items: Arc<[Traced]> = items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>()?;
                Ok(Traced::computed(Value::List(items)))
            }
            ExprKind::Comprehension { element, variable, collection, filter } => {
                self.comprehension(element, *variable, collection, filter.as_deref())
            }
            ExprKind::Map(entries) => {
                let read = |(key, value): &(SmolStr, Expr)| Ok((key.clone(), self.eval(value)?));
                Ok(Traced::computed(Value::Map(entries.iter().map(read).collect::<Result<_, Defect>>()?)))
            }
            ExprKind::Traffic(lines) => Ok(Traced::computed(self.flows(lines)?)),
            ExprKind::TrafficTable(name, arguments) => self.traffic_table(name, arguments),
            ExprKind::TagRegion { tag, region } => Ok(match self.region(region)? {
                Ok(region) => {
                    let tag = ServiceTag::new(tag.clone(), Some(region));
                    Traced::computed(Value::Data(Data::Tag(Arc::new(tag))))
                }
                Err(unknown) => Traced::unknown(unknown),
            }),
            ExprKind::Logic(..) | ExprKind::Not(_) => Ok(self.truth(expr)?.into()),
            ExprKind::Negate(inner) => self.negate(inner),
            ExprKind::Compare(op, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                Ok(self.compare(*op, &left, &right)?.into())
            }
            ExprKind::IsSet(inner) => self.is_set(inner),
            ExprKind::IsNone(inner) => self.test(inner, |value| matches!(value, Value::None)),
            ExprKind::IsVariant(inner, variants) => self.test(inner, |value| match value {
                Value::Variant(_, at, _) | Value::Data(Data::Variant(at, _)) => variants.contains(at),
                _ => false,
            }),
            ExprKind::IsRecord(inner, records) => {
                let world = self.world;
                self.test(inner, |value| match value {
                    Value::Entity(id) => world.entity(*id).is_some_and(|view| records.contains(&view.record)),
                    _ => false,
                })
            }
            ExprKind::IsVerdict(inner, words) => {
                let inner = self.eval(inner)?;
                match &inner.value {
                    Value::Verdict(verdict) => Ok(verdict.is(words).into()),
                    _ => self.open_or_defect(&inner, "a Verdict"),
                }
            }
            ExprKind::Verdict { query, place, traffic } => self.verdict(*query, place, traffic),
            ExprKind::Coalesce(operands) => self.coalesce(operands),
            ExprKind::Sum(first, rest) => self.sum(first, rest),
            ExprKind::If(condition, then, otherwise) => {
                let truth = self.truth(condition)?;
                self.passes(expr.id, Branch::If, Seen::from(&truth));
                match truth {
                    Truth::True => self.eval(then),
                    Truth::False => self.eval(otherwise),
                    Truth::Unknown(unknown) => Ok(Traced::unknown(unknown)),
                }
            }
            ExprKind::Match(subject, arms) => self.choose(subject, arms),
            ExprKind::Quantifier { kind, variable, collection, body } => {
                self.quantifier(*kind, *variable, collection, body)
            }
        }
    }

    /// Compares two values, keeping the places of what is not stated.
    pub(super) fn compare(&self, op: CompareOp, left: &Traced, right: &Traced) -> Result<Truth, Defect> {
        let open = |traced: &Traced| {
            matches!(traced.value, Value::Absent | Value::Unknown(_)).then(|| self.why_unknown(traced))
        };
        match (open(left), open(right)) {
            (Some(a), Some(b)) => Ok(Truth::Unknown(a.and(&b))),
            (Some(open), None) | (None, Some(open)) => Ok(Truth::Unknown(open)),
            (None, None) => compare(op, left, right),
        }
    }

    fn local(&self, local: Local) -> Evaluated {
        let found = self.locals.get(local.0 as usize).cloned().flatten();
        found.ok_or_else(|| Defect::new("a variable was read before it had a value"))
    }

    /// Tells whoever listens how a condition came out.
    pub(super) fn passes(&self, node: NodeId, branch: Branch, seen: Seen) {
        if let Some(recorder) = self.recorder {
            recorder.branch(node, branch, seen);
        }
    }

    /// Runs the body of an item with its own variables.
    fn with_locals<T>(
        &mut self,
        item: &DefName,
        locals: u32,
        arguments: Vec<Traced>,
        run: impl FnOnce(&mut Self) -> Result<T, Defect>,
    ) -> Result<T, Defect> {
        if self.depth >= DEEPEST_CALL {
            return Err(Defect::new(format!("calls are nested more than {DEEPEST_CALL} deep")));
        }
        let mut inner: Vec<Option<Traced>> = arguments.into_iter().map(Some).collect();
        inner.resize(inner.len().max(locals as usize), None);
        let outer = std::mem::replace(&mut self.locals, inner);
        self.depth += 1;
        self.recorder.inspect(|recorder| recorder.enter(item));
        let result = run(self);
        self.recorder.inspect(|recorder| recorder.leave());
        self.depth -= 1;
        self.locals = outer;
        result
    }

    fn constant(&mut self, name: &DefName) -> Evaluated {
        let found = self.world.constant(name).ok_or_else(|| Defect::new(format!("there is no constant `{name}`")))?;
        self.with_locals(name, found.locals, Vec::new(), |inner| inner.eval(&found.value))
    }

    fn call(&mut self, name: &DefName, arguments: &[Expr]) -> Evaluated {
        self.in_function(name, arguments, Self::eval)
    }

    /// Does something with the body of a function, its parameters being these.
    pub(super) fn in_function<T>(
        &mut self,
        name: &DefName,
        arguments: &[Expr],
        run: impl FnOnce(&mut Self, &Expr) -> Result<T, Defect>,
    ) -> Result<T, Defect> {
        let found = self.world.function(name).ok_or_else(|| Defect::new(format!("there is no function `{name}`")))?;
        let arguments = self.all(arguments)?;
        self.with_locals(name, found.locals, arguments, |inner| run(inner, &found.body))
    }

    fn traffic_table(&mut self, name: &DefName, arguments: &[Expr]) -> Evaluated {
        let found =
            self.world.traffic_table(name).ok_or_else(|| Defect::new(format!("there is no traffic `{name}`")))?;
        let arguments = self.all(arguments)?;
        let flows = self.with_locals(name, found.locals, arguments, |inner| inner.flows(&found.lines))?;
        Ok(Traced::computed(flows))
    }

    fn all(&mut self, expressions: &[Expr]) -> Result<Vec<Traced>, Defect> {
        expressions.iter().map(|e| self.eval(e)).collect()
    }

    fn field(&mut self, of: &Expr, record: RecordId, field: u32) -> Evaluated {
        let of = self.eval(of)?;
        match &of.value {
            Value::Entity(id) => {
                let view = self.world.entity(*id).ok_or_else(|| Defect::new("an entity was lost"))?;
                entity_field(self.world, *id, &view, field)
            }
            Value::Record(id, fields) => record_field(self.world, *id, fields, field, of.origin.as_ref()),
            Value::Absent | Value::None | Value::Unknown(_) => Ok(of),
            other => Err(Defect::new(format!("field {field} of {record:?} was read from {other:?}"))),
        }
    }

    fn variant_field(&mut self, of: &Expr, enumeration: crate::types::EnumId, variant: u16, field: u32) -> Evaluated {
        let of = self.eval(of)?;
        let fields = match &of.value {
            Value::Variant(_, at, fields) if *at == variant => fields,
            Value::Absent | Value::None | Value::Unknown(_) => return Ok(of),
            other => return Err(Defect::new(format!("a field of variant {variant} was read from {other:?}"))),
        };
        let declared = self.world.schema().enumeration(enumeration).and_then(|e| e.variants.get(usize::from(variant)));
        let declared = declared.and_then(|v| v.fields.get(field as usize));
        let declared = declared.ok_or_else(|| Defect::new("a field that its variant does not have was read"))?;
        let data = fields.get(field as usize).unwrap_or(&Data::Absent);
        // A variant's fields stand beside its name, in the mapping that holds both.
        let origin = of.origin.clone().unwrap_or_else(|| Origin::root(None));
        read(self.world, data, &declared.ty, origin.sibling(declared.name.clone()))
    }

    fn environment(&mut self, field: u32) -> Evaluated {
        let declared = self.world.schema().environment.get(field as usize);
        let declared = declared.ok_or_else(|| Defect::new("a field that the environment does not have was read"))?;
        let top = self.world.top();
        let data = top.get(field as usize).unwrap_or(&Data::Absent);
        let origin = Origin::root(None).child(Segment::Key(declared.name.clone()));
        read(self.world, data, &declared.ty, origin)
    }

    pub(super) fn every(&self, record: RecordId) -> Arc<[Traced]> {
        self.world.every(record).iter().map(|id| entity(*id)).collect()
    }

    fn index(&mut self, map: &Expr, key: &Expr) -> Evaluated {
        let (map, key) = (self.eval(map)?, self.eval(key)?);
        let (Value::Map(entries), false) = (&map.value, matches!(key.value, Value::Absent | Value::Unknown(_))) else {
            let open = if matches!(map.value, Value::Absent | Value::Unknown(_)) { &map } else { &key };
            return Ok(Traced::unknown(self.why_unknown(open)));
        };
        let wanted = show(self.world, &key);
        // Names match without case, as Azure's do.
        let same = |name: &str| name == wanted || name.to_lowercase() == wanted.to_lowercase();
        if let Some((_, value)) = entries.iter().find(|(name, _)| same(name)) {
            return Ok(value.clone());
        }
        let origin = map.origin.as_ref().map(|origin| origin.child(Segment::Key(wanted.into())));
        Ok(Traced { value: Value::Absent, origin })
    }

    fn external(&mut self, function: ExternFn, arguments: &[Expr]) -> Evaluated {
        let arguments = self.all(arguments)?;
        if let Some(open) = arguments.iter().find(|a| matches!(a.value, Value::Absent | Value::Unknown(_))) {
            return Ok(Traced::unknown(self.why_unknown(open)));
        }
        super::externs::call(self, function, &arguments)
    }

    pub(super) fn open_or_defect(&self, traced: &Traced, wanted: &str) -> Evaluated {
        match &traced.value {
            Value::Absent | Value::Unknown(_) => Ok(Traced::unknown(self.why_unknown(traced))),
            other => Err(Defect::new(format!("{wanted} was expected, not {other:?}"))),
        }
    }

    fn negate(&mut self, inner: &Expr) -> Evaluated {
        let inner = self.eval(inner)?;
        match &inner.value {
            Value::Int(number) => {
                let negated = number.checked_neg().ok_or_else(overflow)?;
                Ok(Traced::computed(Value::Int(negated)))
            }
            Value::Data(Data::Duration(seconds)) => {
                let negated = seconds.checked_neg().ok_or_else(|| Defect::new("a length of time is too large"))?;
                Ok(Traced::computed(Value::Data(Data::Duration(negated))))
            }
            _ => self.open_or_defect(&inner, "a number"),
        }
    }

    fn is_set(&mut self, inner: &Expr) -> Evaluated {
        let inner = self.eval(inner)?;
        Ok(match inner.value {
            Value::Unknown(unknown) => Traced::unknown(unknown),
            Value::Absent => Traced::bool(false),
            _ => Traced::bool(true),
        })
    }

    fn test(&mut self, inner: &Expr, holds: impl FnOnce(&Value) -> bool) -> Evaluated {
        let inner = self.eval(inner)?;
        match &inner.value {
            Value::Absent | Value::Unknown(_) => Ok(Traced::unknown(self.why_unknown(&inner))),
            value => Ok(Traced::bool(holds(value))),
        }
    }

    fn coalesce(&mut self, operands: &[Expr]) -> Evaluated {
        let mut last = Traced::computed(Value::Absent);
        for operand in operands {
            last = self.eval(operand)?;
            if !matches!(last.value, Value::Absent | Value::None) {
                break;
            }
        }
        Ok(last)
    }

    fn sum(&mut self, first: &Expr, rest: &[(AddOp, Expr)]) -> Evaluated {
        let mut sum = self.eval(first)?;
        for (op, operand) in rest {
            let operand = self.eval(operand)?;
            for one in [&sum, &operand] {
                if matches!(one.value, Value::Absent | Value::Unknown(_)) {
                    return Ok(Traced::unknown(self.why_unknown(one)));
                }
            }
            sum = Traced::computed(super::externs::plus(&sum.value, &operand.value, *op)?);
        }
        Ok(sum)
    }

    fn choose(&mut self, subject: &Expr, arms: &[Arm]) -> Evaluated {
        let subject = self.eval(subject)?;
        if matches!(subject.value, Value::Absent | Value::Unknown(_)) {
            return Ok(Traced::unknown(self.why_unknown(&subject)));
        }
        let arm = self.arm(&subject, arms);
        let arm = arm.ok_or_else(|| Defect::new(format!("no arm of a match fits {:?}", subject.value)))?;
        self.passes(arm.value.id, Branch::Arm, Seen::from(&Truth::True));
        self.eval(&arm.value)
    }

    /// The arm that a value takes.
    pub(super) fn arm<'a>(&self, subject: &Traced, arms: &'a [Arm]) -> Option<&'a Arm> {
        let fits = |pattern: &ArmPattern| match (pattern, &subject.value) {
            (ArmPattern::Else, _) => true,
            (ArmPattern::Variants(all), Value::Variant(_, at, _) | Value::Data(Data::Variant(at, _))) => {
                all.contains(at)
            }
            (ArmPattern::Records(all), Value::Entity(id)) => {
                self.world.entity(*id).is_some_and(|view| all.contains(&view.record))
            }
            (ArmPattern::Verdicts(all), Value::Verdict(verdict)) => all.contains(&word_of(verdict.outcome())),
            _ => false,
        };
        arms.iter().find(|arm| fits(&arm.pattern))
    }

    /// A text with its interpolations.
    pub fn template(&mut self, parts: &[TemplatePart]) -> Result<String, Defect> {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Text(plain) => text.push_str(plain),
                TemplatePart::Expr(expr) => {
                    let traced = self.eval(expr)?;
                    text.push_str(&show(self.world, &traced));
                }
            }
        }
        Ok(text)
    }
}

/// An entity as a value: it stands where it is described.
pub fn entity(id: EntityId) -> Traced {
    Traced { value: Value::Entity(id), origin: Some(Origin::root(Some(id))) }
}

/// The word of the language for an outcome.
pub fn word_of(outcome: palisade_net::Outcome) -> VerdictWord {
    match outcome {
        palisade_net::Outcome::Allowed => VerdictWord::Allowed,
        palisade_net::Outcome::Denied => VerdictWord::Denied,
        palisade_net::Outcome::Partial => VerdictWord::Partial,
        palisade_net::Outcome::Undetermined => VerdictWord::Undetermined,
    }
}

pub(super) fn int(value: &Value) -> Result<i128, Defect> {
    match value {
        Value::Int(number) => Ok(*number),
        other => Err(Defect::new(format!("a number was expected, not {other:?}"))),
    }
}

pub(super) fn add(a: i128, b: i128, op: AddOp) -> Result<i128, Defect> {
    let result = match op {
        AddOp::Add => a.checked_add(b),
        AddOp::Subtract => a.checked_sub(b),
    };
    result.ok_or_else(overflow)
}

fn overflow() -> Defect {
    Defect::new("a number is too large: whole numbers have 128 bits")
}
