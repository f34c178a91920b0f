//! The receipts an execution sends, from the log of the host functions it called.
use crate::wire::Bytes;
use near_vm_runner::logic::mocks::mock_external::MockAction;
use serde::Serialize;
use serde_json::{json, Value};

#[derive(Serialize)]
pub struct Receipt {
    receiver: String,
    /// The receipts whose results it waits for, by their place among the receipts.
    after: Vec<usize>,
    /// Who gets the deposit back if it fails, where the contract has said so.
    refund_to: Option<String>,
    actions: Vec<Value>,
}

/// In the order they were made, each with its actions; or what the contract did that near-sdk-js cannot do.
pub fn receipts(log: &[MockAction]) -> Result<Vec<Receipt>, String> {
    let mut receipts: Vec<Receipt> = vec![];
    for entry in log {
        if let MockAction::CreateReceipt {
            receipt_indices,
            receiver_id,
        } = entry
        {
            let after = receipt_indices
                .iter()
                .map(|position| receipt_number(log, *position))
                .collect();
            receipts.push(Receipt {
                receiver: receiver_id.to_string(),
                after,
                refund_to: None,
                actions: vec![],
            });
        } else if let MockAction::SetRefundTo {
            receipt_index,
            refund_to,
        } = entry
        {
            receipts[receipt_number(log, *receipt_index)].refund_to = Some(refund_to.to_string());
        } else {
            let (position, action) = action(entry).ok_or_else(|| format!("this program has no words for {entry:?}"))?;
            receipts[receipt_number(log, position)].actions.push(action);
        }
    }
    Ok(receipts)
}

/// The log names a receipt by its position in the log; the client by its place among the receipts.
pub fn receipt_number(log: &[MockAction], position: u64) -> usize {
    log[..position as usize]
        .iter()
        .filter(|entry| matches!(entry, MockAction::CreateReceipt { .. }))
        .count()
}

/// An action and the position of its receipt; none for what near-sdk-js cannot send.
fn action(entry: &MockAction) -> Option<(u64, Value)> {
    Some(match entry {
        MockAction::CreateAccount { receipt_index } => (*receipt_index, json!({ "kind": "create_account" })),
        MockAction::DeployContract { receipt_index, code } => (
            *receipt_index,
            json!({ "kind": "deploy_contract", "code": Bytes(code.clone()) }),
        ),
        MockAction::FunctionCallWeight {
            receipt_index,
            method_name,
            args,
            attached_deposit,
            prepaid_gas,
            gas_weight,
        } => (
            *receipt_index,
            json!({
                "kind": "function_call",
                "method": String::from_utf8_lossy(method_name),
                "args": Bytes(args.clone()),
                "deposit": attached_deposit.as_yoctonear().to_string(),
                "gas": prepaid_gas.as_gas(),
                "gas_weight": gas_weight.0.to_string(),
            }),
        ),
        MockAction::Transfer { receipt_index, deposit } => (
            *receipt_index,
            json!({ "kind": "transfer", "deposit": deposit.as_yoctonear().to_string() }),
        ),
        MockAction::Stake {
            receipt_index,
            stake,
            public_key,
        } => (
            *receipt_index,
            json!({
                "kind": "stake",
                "stake": stake.as_yoctonear().to_string(),
                "public_key": public_key.to_string(),
            }),
        ),
        MockAction::AddKeyWithFullAccess {
            receipt_index,
            public_key,
            nonce,
        } => (
            *receipt_index,
            json!({
                "kind": "add_full_access_key",
                "public_key": public_key.to_string(),
                "nonce": nonce.to_string(),
            }),
        ),
        MockAction::AddKeyWithFunctionCall {
            receipt_index,
            public_key,
            nonce,
            allowance,
            receiver_id,
            method_names,
        } => (
            *receipt_index,
            json!({
                "kind": "add_function_call_key",
                "public_key": public_key.to_string(),
                "nonce": nonce.to_string(),
                "allowance": allowance.map(|allowance| allowance.as_yoctonear().to_string()),
                "receiver": receiver_id,
                "methods": method_names.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>(),
            }),
        ),
        MockAction::DeleteKey {
            receipt_index,
            public_key,
        } => (
            *receipt_index,
            json!({ "kind": "delete_key", "public_key": public_key.to_string() }),
        ),
        MockAction::DeleteAccount {
            receipt_index,
            beneficiary_id,
        } => (
            *receipt_index,
            json!({ "kind": "delete_account", "beneficiary": beneficiary_id }),
        ),
        _ => return None,
    })
}
