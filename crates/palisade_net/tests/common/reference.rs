//! What the slow references share: how many cases they judge, and every way in which service tags could lie.

use std::sync::LazyLock;

use proptest::prelude::ProptestConfig;

const SHORT: u32 = 2_000;
const LONG: u32 = 100_000;

/// The random cases of a test, divided by `share` where kinds share the number. `PALISADE_LONG=1` asks many more.
pub fn cases(share: u32) -> ProptestConfig {
    let long = std::env::var_os("PALISADE_LONG").is_some_and(|value| value == "1");
    let cases = if long { LONG } else { SHORT } / share;
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_000, ..ProptestConfig::default() }
}

/// Models of a universe of four blocks of addresses and four atoms: which atoms live in each block, at least one in each and
/// each somewhere. Here are the largest and all smallest ones. What is asked of models either stays true when atoms are
/// added, or stays true when they are taken away, so that it is true of all models if it is of these.
pub static MODELS: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| {
    let valid = |model: &[u8; 4]| !model.contains(&0) && model.iter().fold(0, |all, atoms| all | atoms) == 0b1111;
    let smaller = |model: [u8; 4]| {
        let places = (0..4).flat_map(|block| (0..4).map(move |atom| (block, atom)));
        places.filter(move |(block, atom)| model[*block] & (1 << atom) != 0).map(move |(block, atom)| {
            let mut less = model;
            less[block] &= !(1 << atom);
            less
        })
    };
    let sets = || 1u8..16;
    sets()
        .flat_map(|a| sets().flat_map(move |b| sets().flat_map(move |c| sets().map(move |d| [a, b, c, d]))))
        .filter(|model| valid(model) && (*model == [15; 4] || !smaller(*model).any(|less| valid(&less))))
        .collect()
});
