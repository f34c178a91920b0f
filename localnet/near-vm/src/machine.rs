//! Carries out requests: NEAR's VM at the newest protocol version this crate knows, with mainnet's parameters.
use crate::ledger::Ledger;
use crate::outcome::describe;
use crate::wire::{Act, Bytes, Call, Storage};
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use near_crypto::PublicKey;
use near_parameters::{RuntimeConfig, RuntimeConfigStore};
use near_primitives_core::account::AccountContract;
use near_primitives_core::config::ViewConfig;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::{AccountId, Balance, Gas};
use near_primitives_core::version::PROTOCOL_VERSION;
use near_vm_runner::logic::mocks::mock_external::MockedExternal;
use near_vm_runner::logic::types::PromiseResult;
use near_vm_runner::logic::VMContext;
use near_vm_runner::{noop_background_spawner, ContractCode, FilesystemContractRuntimeCache};
use serde_json::{json, Value};
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What a node allows a view call unless its operator says otherwise.
const VIEW_GAS: Gas = Gas::from_gas(300_000_000_000_000);
/// Contracts kept compiled in memory; on disk as many bytes.
const COMPILED_IN_MEMORY: usize = 8;
const COMPILED_ON_DISK: u64 = 1 << 30;

pub struct Machine {
    config: Arc<RuntimeConfig>,
    compiled: FilesystemContractRuntimeCache,
    codes: HashMap<CryptoHash, Arc<ContractCode>>,
}

impl Machine {
    /// `cache`: a directory for compiled contracts, made if it is not there.
    pub fn new(cache: &str) -> Result<Self, String> {
        let config = Arc::clone(RuntimeConfigStore::for_chain_id("mainnet").get_config(PROTOCOL_VERSION));
        let compiled = FilesystemContractRuntimeCache::with_memory_cache(
            Path::new(cache),
            None::<&Path>,
            Path::new("compiled"),
            COMPILED_IN_MEMORY,
            None,
            COMPILED_ON_DISK,
            noop_background_spawner(),
        )
        .map_err(|error| format!("cannot keep compiled contracts in {cache}: {error}"))?;
        Ok(Self {
            config,
            compiled,
            codes: HashMap::new(),
        })
    }

    /// The answer, or why the request cannot be carried out.
    pub fn act(&mut self, act: Act) -> Result<Value, String> {
        match act {
            Act::Load { code } => {
                let code = ContractCode::new(code.0, None);
                let hash = *code.hash();
                self.codes.insert(hash, Arc::new(code));
                Ok(json!({ "code_hash": STANDARD.encode(hash.0) }))
            }
            Act::Call(call) => self.call(*call),
        }
    }

    fn call(&self, call: Call) -> Result<Value, String> {
        let code = self.code(&call.code_hash)?;
        let context = context(&call, *code.hash())?;
        let before = call.storage;

        let mut external = Ledger(MockedExternal::new());
        external.0.code_hash = *code.hash();
        external.0.code = Some(code);
        external.0.fake_trie = before
            .iter()
            .map(|(key, value)| (key.0.clone(), value.0.clone()))
            .collect();
        let vm = Arc::clone(&self.config.wasm_config);
        let gas = context.make_gas_counter(&vm);
        let prepared = near_vm_runner::prepare(&external, vm, Some(&self.compiled), gas, &call.method);
        let outcome = near_vm_runner::run(prepared, &mut external, &context, Arc::clone(&self.config.fees))
            .map_err(|error| format!("the VM gave up, which no contract may cause: {error}"))?;

        let failed = outcome.aborted.is_some();
        let after: Storage = if failed {
            before.clone()
        } else {
            std::mem::take(&mut external.0.fake_trie)
                .into_iter()
                .map(|(k, v)| (Bytes(k), Bytes(v)))
                .collect()
        };
        describe(outcome, &external.0.action_log, &before, &after)
    }

    fn code(&self, hash: &str) -> Result<Arc<ContractCode>, String> {
        let bytes = STANDARD
            .decode(hash)
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let known = bytes.and_then(|bytes| self.codes.get(&CryptoHash(bytes)));
        known
            .cloned()
            .ok_or_else(|| format!("no code with hash {hash} is loaded; send it with `load` first"))
    }
}

fn context(call: &Call, code_hash: CryptoHash) -> Result<VMContext, String> {
    let account = |what: &str, text: &str| {
        text.parse::<AccountId>()
            .map_err(|error| format!("{what} is not an account id: {text}: {error}"))
    };
    let key: PublicKey = call.signer_public_key.parse().map_err(|error| {
        format!(
            "signer_public_key is not a public key: {}: {error}",
            call.signer_public_key
        )
    })?;
    let promise_results = call.promise_results.iter().map(|result| match result {
        Some(bytes) => PromiseResult::Successful(Rc::from(bytes.0.as_slice())),
        None => PromiseResult::Failed,
    });
    let receivers = call
        .output_receivers
        .iter()
        .map(|receiver| account("an output receiver", receiver));
    Ok(VMContext {
        current_account_id: account("account", &call.account)?,
        signer_account_id: account("signer", &call.signer)?,
        signer_account_pk: borsh::to_vec(&key).map_err(|error| error.to_string())?,
        refund_to_account_id: account("refund_to", call.refund_to.as_ref().unwrap_or(&call.predecessor))?,
        predecessor_account_id: account("predecessor", &call.predecessor)?,
        input: Rc::from(call.input.0.as_slice()),
        promise_results: promise_results.collect(),
        block_height: call.block_height,
        block_timestamp: u64::try_from(call.block_timestamp)
            .map_err(|_| "block_timestamp is above 2^64".to_string())?,
        epoch_height: call.epoch_height,
        account_balance: Balance::from_yoctonear(call.balance),
        account_locked_balance: Balance::from_yoctonear(call.locked_balance),
        storage_usage: call.storage_usage,
        account_contract: AccountContract::Local(code_hash),
        attached_deposit: Balance::from_yoctonear(call.deposit),
        prepaid_gas: if call.view {
            VIEW_GAS
        } else {
            Gas::from_gas(call.prepaid_gas)
        },
        random_seed: call
            .random_seed
            .as_ref()
            .map_or_else(|| vec![0; 32], |seed| seed.0.clone()),
        view_config: call.view.then_some(ViewConfig {
            max_gas_burnt: VIEW_GAS,
        }),
        output_data_receivers: receivers.collect::<Result<_, _>>()?,
    })
}
