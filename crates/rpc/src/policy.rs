//! What the contract says of each method: required scope, streaming, idempotency. Read out of descriptor bytes.

use std::collections::HashMap;
use std::sync::Arc;

use prost_reflect::{DescriptorPool, MethodDescriptor};
use prost_types::method_options::IdempotencyLevel;

use crate::error::Error;

/// Number of `pot.options.v1.required_scope` on `google.protobuf.MethodOptions`.
const REQUIRED_SCOPE: u32 = 51_001;

/// What the contract says of one method.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Method {
    /// The scope that a caller needs; `None` when the contract forgot it, which refuses every call.
    pub required_scope: Option<String>,
    /// Sending it twice does no more than sending it once.
    pub idempotent: bool,
    /// The caller streams.
    pub client_streaming: bool,
    /// The server streams.
    pub server_streaming: bool,
}

/// Methods by path, `/package.Service/Method`. Clones share one table.
#[derive(Debug, Clone, Default)]
pub struct Methods {
    by_path: Arc<HashMap<String, Method>>,
}

impl Methods {
    /// Reads an encoded `FileDescriptorSet`.
    pub fn from_descriptor(bytes: &[u8]) -> Result<Self, Error> {
        let pool = DescriptorPool::decode(bytes).map_err(Error::internal)?;
        let mut by_path = HashMap::new();
        for service in pool.services() {
            for method in service.methods() {
                by_path.insert(format!("/{}/{}", service.full_name(), method.name()), read(&method));
            }
        }
        Ok(Self { by_path: Arc::new(by_path) })
    }

    /// What is known of a path.
    pub fn get(&self, path: &str) -> Option<&Method> {
        self.by_path.get(path)
    }

    /// What is known of a path, or else what its name says by the API's conventions: `Get` and `List` are reads,
    /// `Watch`, `Stream` and `Download` answer with a stream.
    pub fn get_or_guess(&self, path: &str) -> Method {
        if let Some(method) = self.get(path) {
            return method.clone();
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        let server_streaming = ["Watch", "Stream", "Download"].iter().any(|verb| name.starts_with(verb));
        Method {
            required_scope: None,
            idempotent: !server_streaming && is_read(name),
            client_streaming: ["Upload", "Import"].iter().any(|verb| name.starts_with(verb)),
            server_streaming,
        }
    }

    /// Adds the methods of another table.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let both = self.by_path.iter().chain(other.by_path.iter());
        Self { by_path: Arc::new(both.map(|(path, method)| (path.clone(), method.clone())).collect()) }
    }

    /// Number of methods.
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }
}

/// Required scope by path, for [`crate::AuthLayer`]. A method without the option is an error: it would be closed to
/// everyone, and the contract is what has to say so.
pub fn policies_from_descriptor(bytes: &[u8]) -> Result<HashMap<String, String>, Error> {
    let methods = Methods::from_descriptor(bytes)?;
    let mut policies = HashMap::with_capacity(methods.len());
    for (path, method) in methods.by_path.iter() {
        match &method.required_scope {
            Some(scope) => policies.insert(path.clone(), scope.clone()),
            None if path.starts_with("/google.") || path.starts_with("/grpc.") => None,
            None => return Err(Error::internal(format!("{path} has no (pot.options.v1.required_scope)"))),
        };
    }
    Ok(policies)
}

fn is_read(name: &str) -> bool {
    ["Get", "List"].iter().any(|verb| {
        name.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_uppercase()))
    })
}

fn read(method: &MethodDescriptor) -> Method {
    let options = method.options();
    let required_scope = options
        .extensions()
        .find(|(extension, _)| extension.number() == REQUIRED_SCOPE)
        .and_then(|(_, value)| value.as_str())
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned);
    let (client_streaming, server_streaming) = (method.is_client_streaming(), method.is_server_streaming());
    let level = method.method_descriptor_proto().options.as_ref().map(prost_types::MethodOptions::idempotency_level);
    let declared = matches!(level, Some(IdempotencyLevel::NoSideEffects | IdempotencyLevel::Idempotent));
    let idempotent = !client_streaming && !server_streaming && (declared || is_read(method.name()));
    Method { required_scope, idempotent, client_streaming, server_streaming }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_where_the_contract_is_unknown() {
        let methods = Methods::default();
        assert!(methods.get_or_guess("/p.S/GetModel").idempotent);
        assert!(methods.get_or_guess("/p.S/ListModels").idempotent);
        assert!(!methods.get_or_guess("/p.S/Getaway").idempotent);
        assert!(!methods.get_or_guess("/p.S/CreateModel").idempotent);
        let watch = methods.get_or_guess("/p.S/WatchModel");
        assert!(watch.server_streaming && !watch.idempotent);
    }

    #[test]
    fn bytes_that_are_no_descriptor_are_refused() {
        assert!(Methods::from_descriptor(b"\xff\xff\xff").is_err());
    }
}
