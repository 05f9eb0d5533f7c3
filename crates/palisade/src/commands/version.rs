//! `palisade version`.

use crate::args::{PlainFormat, Version};
use crate::exit::Exit;
use crate::output::Output;

pub(crate) fn run(args: &Version, output: Output) -> Exit {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    output.answer(Exit::Fine, |to| match args.output {
        PlainFormat::Full => writeln!(to, "{name} {version}"),
        PlainFormat::Json => {
            let tool = serde_json::json!({ "name": name, "version": version });
            writeln!(to, "{}", serde_json::json!({ "version": palisade_report::VERSION, "tool": tool }))
        }
    })
}
