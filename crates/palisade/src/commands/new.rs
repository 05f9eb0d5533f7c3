//! `palisade new`.

use std::io::{self, Write};

use palisade_project::{Created, Setup, new_rule};
use palisade_report::{Detail, visible};

use crate::args::{New, NewRule};
use crate::commands::here;
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &New, output: Output) -> Exit {
    let New::Rule(args) = args;
    let created =
        here().and_then(|here| new_rule(&Setup { here, policies: (&args.policies).into() }, &args.name, &args.on));
    match created {
        Ok(created) => output.answer(Exit::Fine, |to| say(args, &created, output.detail, to)),
        Err(failure) => output.failure(&failure),
    }
}

fn say(args: &NewRule, created: &Created, detail: Detail, to: &mut dyn Write) -> io::Result<()> {
    let (path, rule) = (visible(&created.path), &args.name);
    if created.grown {
        writeln!(to, "added the rule `{rule}` and three tests to `{path}`")?;
    } else {
        writeln!(to, "created `{path}` with the rule `{rule}` and three tests")?;
    }
    if detail == Detail::Quiet {
        return Ok(());
    }
    let policies = &args.policies.policies;
    let folder = policies.as_ref().map(|folder| format!(" {}", folder.display())).unwrap_or_default();
    let own = rule.rsplit('.').next().unwrap_or(rule);
    writeln!(to, "write in it what must hold, then:")?;
    writeln!(to, "  palisade test{} --filter {own}", visible(&folder))?;
    writeln!(to, "  palisade lint{}", visible(&folder))
}
