//! NEAR's own contract VM with mainnet's parameters, spoken to in JSON lines: one request a line on stdin, one reply a
//! line on stdout, in order. See README.md for the requests. Compiled contracts are kept in CACHE.
mod ledger;
mod machine;
mod outcome;
mod receipts;
mod wire;

use machine::Machine;
use std::io::{BufRead, Write};
use std::process::ExitCode;
use wire::{Reply, Request};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [cache] = arguments.as_slice() else {
        return fail("usage: holdfast-near-vm CACHE");
    };
    let mut machine = match Machine::new(cache) {
        Ok(machine) => machine,
        Err(message) => return fail(&message),
    };
    match serve(&mut machine) {
        Ok(()) => ExitCode::SUCCESS,
        // the client is gone: nobody is left to tell
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&format!("cannot read requests or write replies: {error}")),
    }
}

/// Answers until stdin ends.
fn serve(machine: &mut Machine) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let reply = match serde_json::from_str::<Request>(&line?) {
            Ok(request) => match machine.act(request.act) {
                Ok(answer) => Reply::ok(request.id, answer),
                Err(message) => Reply::refused(Some(request.id), message),
            },
            Err(error) => Reply::refused(None, format!("not a request: {error}")),
        };
        serde_json::to_writer(&mut out, &reply)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn fail(message: &str) -> ExitCode {
    eprintln!("holdfast-near-vm: {message}");
    ExitCode::FAILURE
}
