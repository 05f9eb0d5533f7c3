//! The question as the command line puts it, with what is wrong with it.

use palisade_net::{Cidr, Direction, Flow, Fqdn, IpSet, PortSet, ProtocolSet, Remote, TagCatalogue, ValueError};
use palisade_source::Diagnostic;

use crate::api::FlowQuestion;
use crate::environment::{self, EntityId, Resolution};
use crate::evaluate::network::AskedPlace;
use crate::evaluate::queries::DbWorld;
use crate::evaluate::traffic::tag_of_host;
use crate::evaluate::world::World;
use crate::inputs::{Db, Environment, Program};
use crate::suggest::did_you_mean;

pub(super) fn usage(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("flow-question", message, None)
}

/// The place that is asked.
pub(super) fn find_place(
    db: &dyn Db,
    program: Program,
    environment: Environment,
    world: &DbWorld<'_>,
    text: &str,
) -> Result<EntityId, Diagnostic> {
    let bindings = world.bindings();
    let subnet = bindings.subnet.map(|binding| binding.record);
    let interface = bindings.interface.map(|binding| binding.record);
    let compute = bindings.compute.map(|binding| binding.record);
    let kinds: Vec<_> = [subnet, interface, compute].into_iter().flatten().collect();
    let wanted = "`--on` takes a compute, a network interface or a subnet, such as `computes.ci-1` or `ml/training`";
    match environment::resolve(db, program, environment, &kinds, text) {
        Resolution::Found(id) => Ok(id),
        Resolution::Missing { suggestion } => {
            let help = did_you_mean(suggestion.as_deref()).or_else(|| Some(wanted.to_owned()));
            Err(usage(format!("there is no `{text}` in this environment")).with_help(help))
        }
        Resolution::Ambiguous(several) => {
            let list: Vec<String> = several.iter().map(|id| format!("`{}`", id.place(db))).collect();
            let help = format!("write one of {}", list.join(", "));
            Err(usage(format!("`{text}` may be any of {} things", several.len())).with_help(Some(help)))
        }
        Resolution::OtherKind(id) => {
            let message = format!("`{}` has no traffic of its own", id.place(db));
            Err(usage(message).with_help(Some(wanted.to_owned())))
        }
    }
}

/// The flows that are asked, one for each remote end.
pub(super) fn read_flows(
    world: &DbWorld<'_>,
    question: &FlowQuestion,
    asked: &AskedPlace,
) -> Result<Vec<Flow>, Diagnostic> {
    let wrong = |option: &str, text: &str, error: &ValueError| {
        let help = did_you_mean(error.suggestion.as_deref()).or_else(|| error.help.clone());
        usage(format!("`{option} {text}`: {}", error.message)).with_help(help)
    };
    let protocols: ProtocolSet = match question.protocol.as_str() {
        "any" => ProtocolSet::ALL,
        word => word.parse().map_err(|e| wrong("--protocol", word, &e))?,
    };
    let ports = |option: &str, text: &Option<String>| match text {
        None => Ok(PortSet::all()),
        Some(text) => port_list(text).map_err(|e| wrong(option, text, &e)),
    };
    let local = match &question.local {
        None => asked.local.clone(),
        Some(text) => {
            let address = Cidr::parse_or_address(text).map_err(|e| wrong("--local", text, &e))?;
            let set = IpSet::from(address);
            if !set.is_subset(&asked.local) {
                return Err(usage(format!("`--local {text}` is not an address of `{}`: {}", question.on, asked.local)));
            }
            set
        }
    };
    let catalogue = world.catalogue();
    let one = |text: &str| remote(catalogue, world, text).map_err(|e| wrong("--remote", text, &e));
    let remotes = remote_list(&question.remotes)?.into_iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let (local_ports, remote_ports) =
        (ports("--local-port", &question.local_port)?, ports("--remote-port", &question.remote_port)?);
    let any_port = local_ports.is_all() && remote_ports.is_all();
    if !any_port && !protocols.overlaps(ProtocolSet::WITH_PORTS) {
        let help = "leave out `--local-port` and `--remote-port`".to_owned();
        return Err(usage(format!("{protocols} has no ports, but ports are asked for")).with_help(Some(help)));
    }
    let direction = if question.inbound { Direction::Inbound } else { Direction::Outbound };
    let flow = |remote| Flow {
        direction,
        protocols,
        local: local.clone(),
        local_ports: local_ports.clone(),
        remote,
        remote_ports: remote_ports.clone(),
    };
    Ok(remotes.into_iter().map(flow).collect())
}

/// The remote ends, each once: `--remote a,b` is `--remote a --remote b`.
fn remote_list(texts: &[String]) -> Result<Vec<&str>, Diagnostic> {
    let mut all: Vec<&str> = Vec::new();
    for one in texts.iter().flat_map(|text| text.split(',')).map(str::trim) {
        if one.is_empty() {
            let help = Some("write `*` where any address is meant".to_owned());
            return Err(
                usage(format!("`--remote {}` names no remote end in one place", texts.join(","))).with_help(help)
            );
        }
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// `443`, `443,8787`, `8704-8710`, `*`.
fn port_list(text: &str) -> Result<PortSet, ValueError> {
    text.split(',').map(str::trim).try_fold(PortSet::empty(), |all, one| Ok(all.union(&one.parse()?)))
}

/// Whether the last label is of letters, as that of every host is and of no address: hosts may begin with a digit.
fn ends_in_letters(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    last.len() > 1 && last.chars().all(|c| c.is_ascii_alphabetic())
}

/// `*`, an address or a range, a tag, or a host name: what has a dot or a colon and is no tag.
fn remote(catalogue: &TagCatalogue, world: &DbWorld<'_>, text: &str) -> Result<Remote, ValueError> {
    if text == "*" {
        return Ok(Remote::Any);
    }
    let of_digits = text.starts_with(|c: char| c.is_ascii_digit()) && !ends_in_letters(text);
    if of_digits || text.contains(':') {
        return Ok(Remote::Ips(Cidr::parse_or_address(text)?.into()));
    }
    match catalogue.parse_tag(text) {
        Ok(tag) => Ok(Remote::Tag(tag)),
        Err(_) if text.contains('.') && text.chars().all(|c| !c.is_uppercase()) => {
            let fqdn: Fqdn = text.parse()?;
            let within = tag_of_host(world.hosts(), fqdn.as_str());
            Ok(Remote::Host { fqdn, within })
        }
        Err(error) => Err(error),
    }
}
