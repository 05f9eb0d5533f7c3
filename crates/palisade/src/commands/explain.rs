//! `palisade explain`.

use palisade_project::{Failure, Listing, Project, nearest};
use palisade_report::{PackPage, Page};
use palisade_source::Diagnostic;

use crate::args::{Explain, PlainFormat};
use crate::codes;
use crate::commands::{listed, open};
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Explain, output: Output) -> Exit {
    // A code is explained even while the policies are broken.
    if let Some(text) = codes::page(&args.id).or_else(|| Project::code_page(&args.id)) {
        return show(&Page::Code { code: &args.id, text: &text }, args, output);
    }
    let opened = open(&args.policies).and_then(|project| Ok((listed(&project)?, project)));
    let (listing, project) = match opened {
        Ok(opened) => opened,
        Err(failure) => return output.failure(&failure),
    };
    let page = rule(&args.id, &listing).and_then(|id| project.rule_page(id));
    match page.as_ref().map(Page::Rule).or_else(|| find(&args.id, &listing)) {
        Some(page) => show(&page, args, output),
        None => output.failure(&unknown(&args.id, &listing)),
    }
}

fn show(page: &Page<'_>, args: &Explain, output: Output) -> Exit {
    output.answer(Exit::Fine, |to| match args.output {
        PlainFormat::Full => palisade_report::page(page, &output.options(), to),
        PlainFormat::Json => palisade_report::page_json(page, to),
    })
}

/// The full name of a rule: by it, else by its last word if only one has it and it means nothing else.
fn rule<'a>(id: &'a str, listing: &'a Listing) -> Option<&'a str> {
    let ids = || listing.rules.iter().map(|rule| rule.id.as_str());
    let mut short = ids().filter(|known| known.rsplit('.').next() == Some(id));
    let only = short.next().filter(|_| short.next().is_none() && find(id, listing).is_none());
    ids().find(|known| *known == id).or(only)
}

/// A statement or a pack.
fn find<'a>(id: &str, listing: &'a Listing) -> Option<Page<'a>> {
    let statement = listing.statements.iter().find(|one| one.citation.id == id).map(Page::Statement);
    let (rules, statements) = (listing.rules.as_slice(), listing.statements.as_slice());
    let pack = listing.packs.iter().find(|pack| pack.name == id);
    statement.or_else(|| pack.map(|pack| Page::Pack(PackPage { pack, rules, statements })))
}

fn unknown(id: &str, listing: &Listing) -> Failure {
    let rules = listing.rules.iter().map(|rule| rule.id.as_str());
    let statements = listing.statements.iter().map(|one| one.citation.id.as_str());
    let packs = listing.packs.iter().map(|pack| pack.name.as_str());
    let short = listing.rules.iter().filter_map(|rule| rule.id.rsplit('.').next());
    let codes = Project::codes().into_iter().chain(codes::CODES.iter().map(|(code, _)| *code));
    let known = rules.chain(statements).chain(packs).chain(short).chain(codes);
    let mut same: Vec<&str> = listing
        .rules
        .iter()
        .map(|rule| rule.id.as_str())
        .filter(|known| known.rsplit('.').next() == Some(id))
        .collect();
    same.truncate(5);
    let help = match same.as_slice() {
        [] => nearest(id, known).map(|near| format!("did you mean `{near}`?")),
        many => Some(format!("several rules end so: `{}`", many.join("`, `"))),
    };
    let message = format!("there is no rule, statement, pack or diagnostic code `{id}`");
    Diagnostic::error("unknown-id", message, None).with_help(help).into()
}
