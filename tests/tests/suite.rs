//! The specification suites of `tests/suite/`, one test for each file.

use std::collections::BTreeSet;

use palisade_tests::suite;

macro_rules! suites {
    ($($name:ident)*) => {
        $(#[test] fn $name() { suite::run(stringify!($name)); })*

        #[test]
        fn no_suite_is_left_out() {
            let run: BTreeSet<_> = [$(stringify!($name).to_owned()),*].into();
            assert_eq!(suite::names().into_iter().collect::<BTreeSet<_>>(), run);
        }
    };
}

suites! {
    conflicts
    contradictions
    deny_all
    differences
    editions
    environments
    explain
    firewalls
    gateways
    groups
    hub_and_spoke
    hygiene
    inbound
    incremental
    language
    lints
    mistakes
    names
    network_faults
    outcomes
    paths
    peers
    required
    targets
    typos
    ways_out
}
