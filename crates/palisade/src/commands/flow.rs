//! `palisade flow`.

use palisade_project::{Failure, FlowQuestion};
use palisade_source::report::FlowReport;

use crate::args::{Flow, PlainFormat};
use crate::commands::open;
use crate::exit::{self, Exit};
use crate::output::Output;

pub(crate) fn run(args: &Flow, output: Output) -> Exit {
    match answer(args) {
        Ok(report) => output.answer(exit::of_verdict(report.verdict), |to| match args.output {
            PlainFormat::Full => palisade_report::flow(&report, &output.options(), to),
            PlainFormat::Json => palisade_report::flow_json(&report, to),
        }),
        Err(failure) => output.failure(&failure),
    }
}

fn answer(args: &Flow) -> Result<FlowReport, Failure> {
    open(&args.policies)?.flow(&args.environment, &question(args))
}

fn question(args: &Flow) -> FlowQuestion {
    FlowQuestion {
        on: args.on.clone(),
        inbound: args.direction.inbound,
        protocol: args.protocol.as_str().to_owned(),
        local: args.local.clone(),
        local_port: args.local_port.clone(),
        remotes: args.remote.clone(),
        remote_port: args.remote_port.clone(),
        groups_only: args.groups_only,
    }
}
