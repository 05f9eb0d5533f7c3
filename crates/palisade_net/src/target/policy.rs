//! Service endpoint policies: which storage accounts a subnet reaches through its service endpoint.

/// One policy: what its definitions allow, together. Accounts are numbered by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointPolicy {
    /// The accounts that it lists.
    pub accounts: Vec<usize>,
    /// Whether it names a set of Microsoft's own accounts.
    pub aliases: bool,
}

/// The account that a subnet asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// One that is described: it is nobody's but the describer's.
    Described(usize),
    /// Any other.
    Other,
}

/// What the policies of a subnet say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyVerdict {
    /// There is none, so that every account is reached (fact `net.sep.storage`).
    NoPolicy,
    /// They name Microsoft's accounts alone, which has no effect (fact `net.sep.alias`).
    OnlyAliases,
    /// One of them lists the account.
    Listed {
        /// Which.
        policy: usize,
    },
    /// None of them lists the account (fact `net.sep.union`).
    NotListed,
    /// None lists it, but one names Microsoft's own accounts, and whether this is one is not known.
    PerhapsAlias,
    /// They list nothing at all, and what Azure makes of that is not documented.
    Empty,
}

/// What the policies of a subnet say of an account. Together they allow what any one allows.
pub fn ask_policies(policies: &[EndpointPolicy], account: Account) -> PolicyVerdict {
    let lists = |policy: &EndpointPolicy| match account {
        Account::Described(id) => policy.accounts.contains(&id),
        Account::Other => false,
    };
    let aliases = policies.iter().any(|policy| policy.aliases);
    match policies.iter().position(lists) {
        Some(policy) => PolicyVerdict::Listed { policy },
        None if policies.is_empty() => PolicyVerdict::NoPolicy,
        None if policies.iter().all(|policy| policy.accounts.is_empty()) => {
            if aliases {
                PolicyVerdict::OnlyAliases
            } else {
                PolicyVerdict::Empty
            }
        }
        None if aliases && account == Account::Other => PolicyVerdict::PerhapsAlias,
        None => PolicyVerdict::NotListed,
    }
}
