//! What a contract sees of the chain: near-vm-runner's own stand-in, which asks nothing for the value that a write or a
//! removal makes way for. A node does, and so does this.
use near_crypto::PublicKey;
use near_primitives_core::hash::{CryptoHash, YieldId};
use near_primitives_core::types::{AccountId, Balance, Gas, GasWeight, Nonce, NonceIndex};
use near_primitives_core::universal_state_init::{DecodeMode, RawStateInit, StateInitError, UniversalStateInitCounts};
use near_vm_runner::logic::mocks::mock_external::MockedExternal;
use near_vm_runner::logic::types::{ActionIndex, GlobalContractDeployMode, GlobalContractIdentifier, ReceiptIndex};
use near_vm_runner::logic::{External, StorageAccessTracker, VMLogicError, ValuePtr};
use near_vm_runner::{Contract, ContractCode};
use std::sync::Arc;

pub struct Ledger(pub MockedExternal);

type Outcome<T> = Result<T, VMLogicError>;

macro_rules! as_the_stand_in {
    () => {};
    (fn $name:ident(&self $(, $arg:ident: $type:ty)*) $(-> $answer:ty)?; $($rest:tt)*) => {
        fn $name(&self $(, $arg: $type)*) $(-> $answer)? {
            self.0.$name($($arg),*)
        }
        as_the_stand_in! { $($rest)* }
    };
    (fn $name:ident(&mut self $(, $arg:ident: $type:ty)*) $(-> $answer:ty)?; $($rest:tt)*) => {
        fn $name(&mut self $(, $arg: $type)*) $(-> $answer)? {
            self.0.$name($($arg),*)
        }
        as_the_stand_in! { $($rest)* }
    };
}

impl External for Ledger {
    fn storage_set<'a>(
        &'a mut self,
        tracker: &mut dyn StorageAccessTracker,
        key: &[u8],
        value: &[u8],
    ) -> Outcome<Option<Vec<u8>>> {
        if let Some(evicted) = self.0.fake_trie.get(key) {
            tracker.deref_write_evicted_value_bytes(evicted.len() as u64)?;
        }
        self.0.storage_set(tracker, key, value)
    }

    fn storage_get<'a>(
        &'a self,
        tracker: &mut dyn StorageAccessTracker,
        key: &[u8],
    ) -> Outcome<Option<Box<dyn ValuePtr + 'a>>> {
        self.0.storage_get(tracker, key)
    }

    fn storage_remove(&mut self, tracker: &mut dyn StorageAccessTracker, key: &[u8]) -> Outcome<Option<Vec<u8>>> {
        if let Some(removed) = self.0.fake_trie.get(key) {
            tracker.deref_removed_value_bytes(removed.len() as u64)?;
        }
        self.0.storage_remove(tracker, key)
    }

    as_the_stand_in! {
        fn storage_has_key(&mut self, tracker: &mut dyn StorageAccessTracker, key: &[u8]) -> Outcome<bool>;
        fn generate_data_id(&mut self) -> CryptoHash;
        fn get_recorded_storage_size(&self) -> usize;
        fn storage_proof_size_before_receipt(&self) -> usize;
        fn validator_stake(&self, account_id: &AccountId) -> Outcome<Option<Balance>>;
        fn validator_total_stake(&self) -> Outcome<Balance>;
        fn chain_id(&self) -> String;
        fn create_action_receipt(&mut self, after: Vec<ReceiptIndex>, receiver: AccountId) -> Outcome<ReceiptIndex>;
        fn create_promise_yield_receipt(&mut self, receiver: AccountId) -> Outcome<(ReceiptIndex, CryptoHash)>;
        fn create_promise_yield_receipt_with_id(
            &mut self, receiver: AccountId, id: YieldId
        ) -> Outcome<Option<(ReceiptIndex, CryptoHash)>>;
        fn submit_promise_resume_data(&mut self, data_id: CryptoHash, data: Vec<u8>) -> Outcome<bool>;
        fn submit_promise_resume_data_with_yield_id(&mut self, id: YieldId, data: Vec<u8>) -> Outcome<bool>;
        fn append_action_create_account(&mut self, receipt: ReceiptIndex);
        fn append_action_deploy_contract(&mut self, receipt: ReceiptIndex, code: Vec<u8>);
        fn append_action_deploy_global_contract(
            &mut self, receipt: ReceiptIndex, code: Vec<u8>, mode: GlobalContractDeployMode
        );
        fn append_action_use_global_contract(&mut self, receipt: ReceiptIndex, contract: GlobalContractIdentifier);
        fn append_action_deterministic_state_init(
            &mut self, receipt: ReceiptIndex, contract: GlobalContractIdentifier, amount: Balance
        ) -> ActionIndex;
        fn set_deterministic_state_init_data_entry(
            &mut self, receipt: ReceiptIndex, action: ActionIndex, key: Vec<u8>, value: Vec<u8>
        ) -> Outcome<()>;
        fn check_state_init(&self, state_init: &RawStateInit) -> Result<(), StateInitError>;
        fn state_init_send_counts(&self, state_init: &RawStateInit, mode: DecodeMode) -> UniversalStateInitCounts;
        fn append_action_universal_state_init(
            &mut self, receipt: ReceiptIndex, state_init: RawStateInit, amount: Balance
        );
        fn append_action_function_call_weight(
            &mut self, receipt: ReceiptIndex, method: Vec<u8>, args: Vec<u8>, deposit: Balance, gas: Gas,
            weight: GasWeight
        ) -> Outcome<()>;
        fn append_action_transfer(&mut self, receipt: ReceiptIndex, deposit: Balance);
        fn append_action_transfer_to_gas_key(&mut self, receipt: ReceiptIndex, key: PublicKey, deposit: Balance);
        fn append_action_add_gas_key_with_full_access(
            &mut self, receipt: ReceiptIndex, key: PublicKey, nonces: NonceIndex
        );
        fn append_action_add_gas_key_with_function_call(
            &mut self, receipt: ReceiptIndex, key: PublicKey, nonces: NonceIndex, allowance: Option<Balance>,
            receiver: AccountId, methods: Vec<Vec<u8>>
        ) -> Outcome<()>;
        fn append_action_stake(&mut self, receipt: ReceiptIndex, stake: Balance, key: PublicKey);
        fn append_action_add_key_with_full_access(&mut self, receipt: ReceiptIndex, key: PublicKey, nonce: Nonce);
        fn append_action_add_key_with_function_call(
            &mut self, receipt: ReceiptIndex, key: PublicKey, nonce: Nonce, allowance: Option<Balance>,
            receiver: AccountId, methods: Vec<Vec<u8>>
        ) -> Outcome<()>;
        fn append_action_delete_key(&mut self, receipt: ReceiptIndex, key: PublicKey);
        fn append_action_delete_account(&mut self, receipt: ReceiptIndex, beneficiary: AccountId);
        fn get_receipt_receiver(&self, receipt: ReceiptIndex) -> &AccountId;
        fn set_refund_to(&mut self, receipt: ReceiptIndex, refund_to: AccountId);
        fn post_quantum_keys_enabled(&self) -> bool;
    }
}

impl Contract for Ledger {
    fn hash(&self) -> CryptoHash {
        self.0.hash()
    }

    fn get_code(&self) -> Option<Arc<ContractCode>> {
        self.0.get_code()
    }
}
