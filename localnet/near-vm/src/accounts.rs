//! The storage of the accounts the client leaves here: what is committed, and over it what calls have changed since.
use crate::wire::Storage;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Accounts(BTreeMap<String, Held>);

#[derive(Default)]
struct Held {
    committed: Storage,
    pending: Option<Storage>,
}

impl Accounts {
    /// With what is pending; empty for an account never heard of.
    pub fn storage(&self, account: &str) -> Storage {
        let held = self.0.get(account);
        held.map(|held| held.pending.as_ref().unwrap_or(&held.committed).clone())
            .unwrap_or_default()
    }

    pub fn set(&mut self, account: String, storage: Storage) {
        self.0.insert(
            account,
            Held {
                committed: storage,
                pending: None,
            },
        );
    }

    pub fn change(&mut self, account: &str, storage: Storage) {
        self.0.entry(account.to_string()).or_default().pending = Some(storage);
    }

    pub fn commit(&mut self, account: &str) {
        if let Some(held) = self.0.get_mut(account) {
            if let Some(pending) = held.pending.take() {
                held.committed = pending;
            }
        }
    }

    pub fn rollback(&mut self, account: &str) {
        if let Some(held) = self.0.get_mut(account) {
            held.pending = None;
        }
    }
}
