//! Values while a rule runs, each with the place in the environment that it was read from.

use std::sync::Arc;

use smol_str::SmolStr;

use super::traffic::{FlowSpec, TrafficVerdict};
use crate::data::Data;
use crate::environment::EntityId;
use crate::place::{Place, Segment};
use crate::types::{EnumId, RecordId};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Not stated in the file, or no such entry: what `is set` asks about.
    Absent,
    /// There is none: what `is none` asks about.
    None,
    /// It depends on something that is not stated.
    Unknown(Unknown),
    /// A whole number.
    Int(i128),
    /// Any other plain value.
    Data(Data),
    /// A variant of an enum with its fields.
    Variant(EnumId, u16, Arc<[Data]>),
    /// A record.
    Record(RecordId, Arc<[Data]>),
    /// An entity.
    Entity(EntityId),
    /// A list.
    List(Arc<[Traced]>),
    /// A map, in order.
    Map(Arc<[(SmolStr, Traced)]>),
    /// Traffic, flow by flow.
    Traffic(Arc<[FlowSpec]>),
    /// What a place says to traffic.
    Verdict(Arc<TrafficVerdict>),
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What would settle it.
    pub reasons: Arc<[Reason]>,
}

/// One thing that would settle what is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Where it would be written, if it is something in the file.
    pub place: Option<Place>,
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The value.
    pub value: Value,
    /// Where it was read; `None` for computed ones and literals.
    pub origin: Option<Origin>,
}

/// A place, put together only when it is shown.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What the path starts from; `None`: the top of the environment.
    pub root: Option<EntityId>,
    path: Option<Arc<Link>>,
}

#[derive(Debug)]
struct Link {
    parent: Option<Arc<Link>>,
    segment: Segment,
}

impl Origin {
    /// An entity, or the top of the environment.
    pub fn root(root: Option<EntityId>) -> Self {
        Self { root, path: None }
    }

    /// One step further down.
    #[must_use]
    pub fn child(&self, segment: Segment) -> Self {
        let link = Link { parent: self.path.clone(), segment };
        Self { root: self.root, path: Some(Arc::new(link)) }
    }

    /// A part of the same whole, by its key.
    #[must_use]
    pub fn sibling(&self, key: SmolStr) -> Self {
        let parent = self.path.as_ref().and_then(|link| link.parent.clone());
        Self { root: self.root, path: parent }.child(Segment::Key(key))
    }

    /// Whether it is an entity or the top itself, not a part of it.
    pub fn is_root(&self) -> bool {
        self.path.is_none()
    }

    /// The full place, below the place of the root.
    pub fn place(&self, root: Place) -> Place {
        let mut steps = Vec::new();
        let mut link = self.path.as_ref();
        while let Some(step) = link {
            steps.push(step.segment.clone());
            link = step.parent.as_ref();
        }
        let mut place = root;
        place.segments.extend(steps.into_iter().rev());
        place
    }
}

impl Unknown {
    /// One reason.
    pub fn because(text: impl Into<String>, place: Option<Place>) -> Self {
        Self { reasons: Arc::from([Reason { text: text.into(), place }]) }
    }

    /// Either's reasons.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut all = self.reasons.to_vec();
        all.extend(other.reasons.iter().filter(|r| !self.reasons.contains(r)).cloned());
        Self { reasons: all.into() }
    }
}

impl Traced {
    /// A computed value.
    pub fn computed(value: Value) -> Self {
        Self { value, origin: None }
    }

    /// A Bool.
    pub fn bool(value: bool) -> Self {
        Self::computed(Value::Data(Data::Bool(value)))
    }

    /// Something unknown.
    pub fn unknown(unknown: Unknown) -> Self {
        Self::computed(Value::Unknown(unknown))
    }
}

impl From<Truth> for Traced {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::bool(true),
            Truth::False => Self::bool(false),
            Truth::Unknown(unknown) => Self::unknown(unknown),
        }
    }
}

/// Kleene's three values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It depends.
    Unknown(Unknown),
}

impl Truth {
    /// `true` or `false`.
    pub fn known(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    /// Folds many: `decisive` decides at once; else unknown if any is; else its opposite.
    pub fn fold<E>(decisive: bool, truths: impl IntoIterator<Item = Result<Self, E>>) -> Result<Self, E> {
        let mut open: Option<Unknown> = None;
        for truth in truths {
            match truth? {
                Self::Unknown(unknown) => {
                    open = Some(open.map_or_else(|| unknown.clone(), |o| o.and(&unknown)));
                }
                known if known == Self::known(decisive) => return Ok(known),
                _ => {}
            }
        }
        Ok(open.map_or(Self::known(!decisive), Self::Unknown))
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    /// The opposite; unknown stays unknown.
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

/// A defect met while evaluating, such as an overflow: never silent, never a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// In words.
    pub message: String,
}

impl Defect {
    /// A defect in words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// The result of evaluating an expression.
pub type Evaluated = Result<Traced, Defect>;
