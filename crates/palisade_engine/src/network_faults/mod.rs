//! What Azure would refuse of route tables, peerings, firewall policies and DNS servers although each value is well formed, and
//! what does not do what it says.
//!
//! `palisade_net` judges; here its judgement gets a code and a place. Places are symbolic, so that an edit which moves lines
//! judges nothing again. What several resources share is judged for each of them and said once: see `Found`.

mod firewalls;
mod names;
mod routes;

use palisade_net::IssueLevel;
use palisade_source::Severity;
use rustc_hash::FxHashMap;

use crate::evaluate::queries::DbWorld;
use crate::inputs::{Db, Environment, Program};
use crate::place::{Place, Segment};

/// Something wrong at a place of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkFault {
    /// One of [`crate::environment::codes::CODES`].
    pub code: &'static str,
    /// An error keeps rules from running.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What was found and what was required.
    pub message: String,
    /// Other places with a word each.
    pub related: Vec<(Place, &'static str)>,
    /// What to do.
    pub help: String,
}

/// Everything that is wrong with the routes, peerings, firewalls and DNS servers of an environment.
#[salsa::tracked(returns(ref))]
pub fn network_faults(db: &dyn Db, program: Program, environment: Environment) -> Vec<NetworkFault> {
    let world = DbWorld::new(db, program, environment);
    let mut found = Found::default();
    routes::judge(&world, &mut found);
    firewalls::judge(&world, &mut found);
    names::judge(&world, &mut found);
    found.list
}

/// The faults so far. One that is found again is not said again: only the places that belong to it are added.
#[derive(Default)]
struct Found {
    list: Vec<NetworkFault>,
    known: FxHashMap<(Place, String), usize>,
}

impl Found {
    fn extend(&mut self, fault: Option<NetworkFault>) {
        if let Some(fault) = fault {
            self.push(fault);
        }
    }

    fn push(&mut self, fault: NetworkFault) {
        let key = (fault.place.clone(), fault.message.clone());
        let known = self.known.get(&key).and_then(|at| self.list.get_mut(*at));
        let Some(known) = known else {
            self.known.insert(key, self.list.len());
            return self.list.push(fault);
        };
        for related in fault.related {
            if !known.related.contains(&related) {
                known.related.push(related);
            }
        }
    }
}

fn severity(level: IssueLevel) -> Severity {
    match level {
        IssueLevel::Error => Severity::Error,
        IssueLevel::Warning => Severity::Warning,
    }
}

fn key(place: &Place, key: &str) -> Place {
    place.child(Segment::Key(key.into()))
}

fn item(place: &Place, number: u32) -> Place {
    place.child(Segment::Index(number))
}
