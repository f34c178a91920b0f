//! The lines: requests as the client writes them, replies as it reads them. Bytes are base64; numbers that may pass 2^53
//! (balances, timestamps) are decimal strings.
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// One line of the client. `id` comes back in the reply.
#[derive(Deserialize)]
pub struct Request {
    pub id: u64,
    #[serde(flatten)]
    pub act: Act,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Act {
    /// Keep this code for calls that name its hash.
    Load { code: Bytes },
    /// Execute one method.
    Call(Box<Call>),
}

pub type Storage = BTreeMap<Bytes, Bytes>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// SHA-256 of the code in base64, as `load` answered.
    pub code_hash: String,
    pub method: String,
    pub input: Bytes,
    /// The account whose code runs.
    pub account: String,
    pub predecessor: String,
    pub signer: String,
    /// `ed25519:…` or `secp256k1:…`
    pub signer_public_key: String,
    #[serde(deserialize_with = "decimal")]
    pub deposit: u128,
    pub prepaid_gas: u64,
    pub block_height: u64,
    #[serde(deserialize_with = "decimal")]
    pub block_timestamp: u128,
    pub epoch_height: u64,
    /// Without the attached deposit.
    #[serde(deserialize_with = "decimal")]
    pub balance: u128,
    #[serde(deserialize_with = "decimal")]
    pub locked_balance: u128,
    /// Bytes, before the call.
    pub storage_usage: u64,
    pub view: bool,
    /// Of the promises this call is the callback of; null for one that failed.
    #[serde(default)]
    pub promise_results: Vec<Option<Bytes>>,
    /// Where the deposit goes back to if the call fails; the predecessor if absent.
    #[serde(default)]
    pub refund_to: Option<String>,
    /// Who waits for the result: each costs by the byte.
    #[serde(default)]
    pub output_receivers: Vec<String>,
    /// 32 bytes; zeros if absent.
    #[serde(default)]
    pub random_seed: Option<Bytes>,
    /// The contract's whole storage; nothing is kept here.
    pub storage: Storage,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum Reply {
    Ok { id: u64, ok: Value },
    Refused { id: Option<u64>, refused: String },
}

impl Reply {
    pub fn ok(id: u64, answer: Value) -> Self {
        Reply::Ok { id, ok: answer }
    }

    /// The request cannot be carried out; what a contract does wrong is no refusal but an outcome.
    pub fn refused(id: Option<u64>, message: String) -> Self {
        Reply::Refused { id, refused: message }
    }
}

/// Bytes, base64 on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}
