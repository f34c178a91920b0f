//! What an execution did, in JSON.
use crate::receipts::{receipt_number, receipts};
use crate::wire::{Bytes, Storage};
use near_vm_runner::logic::errors::{CompilationError, FunctionCallError};
use near_vm_runner::logic::mocks::mock_external::MockAction;
use near_vm_runner::logic::{ReturnData, VMOutcome};
use near_vm_runner::ProfileDataV3;
use serde_json::{json, Map, Value};

pub fn describe(
    outcome: VMOutcome,
    actions: &[MockAction],
    before: &Storage,
    after: &Storage,
) -> Result<Value, String> {
    let receipts = if outcome.aborted.is_some() {
        vec![]
    } else {
        receipts(actions)?
    };
    Ok(json!({
        "returned": match outcome.return_data {
            ReturnData::None => json!({ "kind": "none" }),
            ReturnData::Value(bytes) => json!({ "kind": "value", "value": Bytes(bytes) }),
            ReturnData::ReceiptIndex(index) => json!({ "kind": "receipt", "index": receipt_number(actions, index) }),
        },
        "logs": outcome.logs,
        "receipts": receipts,
        "changes": changes(before, after),
        "balance": outcome.balance.as_yoctonear().to_string(),
        "storage_usage": outcome.storage_usage,
        "burnt_gas": outcome.burnt_gas.as_gas(),
        "used_gas": outcome.used_gas.as_gas(),
        "error": outcome.aborted.as_ref().map(error),
        "profile": profile(&outcome.profile),
    }))
}

/// `kind` is the name a NEAR node gives the error in `FunctionCallError`, `message` what it says there, `debug` what its
/// answer to a view call says.
fn error(error: &FunctionCallError) -> Value {
    let (kind, message) = match error {
        FunctionCallError::HostError(_) | FunctionCallError::LoadingError { .. } | FunctionCallError::WasmTrap(_) => {
            ("ExecutionError", error.to_string())
        }
        FunctionCallError::MethodResolveError(method) => ("MethodResolveError", method.to_string()),
        FunctionCallError::LinkError { msg } => ("LinkError", msg.clone()),
        FunctionCallError::CompilationError(CompilationError::PrepareError(why)) => {
            ("CompilationError", format!("PrepareError: {why:?}"))
        }
        FunctionCallError::CompilationError(why) => ("CompilationError", why.to_string()),
    };
    json!({ "kind": kind, "message": message, "debug": format!("{error:?}") })
}

/// Keys whose value differs, in order; null where the key is gone.
fn changes(before: &Storage, after: &Storage) -> Vec<Value> {
    let written = after.iter().filter(|(key, value)| before.get(key) != Some(value));
    let removed = before.keys().filter(|key| !after.contains_key(key));
    let mut changes: Vec<(&Bytes, Option<&Bytes>)> = written
        .map(|(key, value)| (key, Some(value)))
        .chain(removed.map(|key| (key, None)))
        .collect();
    changes.sort();
    changes
        .into_iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// Gas per cost, without the zeros. `wasm` is what the instructions cost.
fn profile(profile: &ProfileDataV3) -> Value {
    let host: Map<String, Value> = (profile.wasm_ext_profile.iter())
        .filter(|(_, gas)| gas.as_gas() > 0)
        .map(|(cost, gas)| (cost.to_string(), json!(gas.as_gas())))
        .collect();
    let actions: Map<String, Value> = (profile.actions_profile.iter())
        .filter(|(_, gas)| gas.as_gas() > 0)
        .map(|(cost, gas)| (cost.to_string(), json!(gas.as_gas())))
        .collect();
    json!({ "wasm": profile.get_wasm_cost().as_gas(), "host": host, "actions": actions })
}
