//! Did-you-mean: the nearest of the names that would have been right.

/// The nearest name to a mistaken one, if one is near enough to be meant.
pub fn nearest<'a>(mistake: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = mistake.to_lowercase();
    let score = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let allowed = (mistake.chars().count() / 3).max(1) + usize::from(mistake.chars().count() > 3);
    let mut near: Vec<_> =
        names.into_iter().map(|name| (score(name), name)).filter(|(distance, _)| *distance <= allowed).collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        // Of `v1` and `v2` neither is nearer to `v3`: to name one of them would be to roll dice.
        [(one, _), (other, _), ..] if one == other && mistake.chars().count() <= 3 => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

/// The help that offers it.
pub fn did_you_mean(name: Option<&str>) -> Option<String> {
    name.map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_a_stranger_finds_none() {
        assert_eq!(nearest("public_pi", ["public_ip", "kind"]), Some("public_ip"));
        assert_eq!(nearest("Subnet", ["subnet", "Subnets"]), Some("subnet"));
        assert_eq!(nearest("firewall", ["public_ip", "kind"]), None);
        assert_eq!(nearest("kin", ["kind"]), Some("kind"));
        assert_eq!(nearest("v3", ["v1", "v2"]), None);
        assert_eq!(nearest("2", ["v1", "v2"]), Some("v2"));
    }
}
