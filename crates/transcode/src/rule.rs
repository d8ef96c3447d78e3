//! What the descriptors say about a method: its HTTP bindings, the scope it needs and its rate class.

use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage, Value};

/// `google.api.http` on MethodOptions.
const HTTP_EXTENSION: u32 = 72_295_728;
const REQUIRED_SCOPE_EXTENSION: u32 = 51_001;
const RATE_CLASS_EXTENSION: u32 = 51_002;

/// `google.api.HttpRule`, of which the selector is of no use here.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HttpRule {
    #[prost(oneof = "Pattern", tags = "2, 3, 4, 5, 6, 8")]
    pub(crate) pattern: Option<Pattern>,
    #[prost(string, tag = "7")]
    pub(crate) body: String,
    #[prost(string, tag = "12")]
    pub(crate) response_body: String,
    #[prost(message, repeated, tag = "11")]
    pub(crate) additional_bindings: Vec<HttpRule>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Pattern {
    #[prost(string, tag = "2")]
    Get(String),
    #[prost(string, tag = "3")]
    Put(String),
    #[prost(string, tag = "4")]
    Post(String),
    #[prost(string, tag = "5")]
    Delete(String),
    #[prost(string, tag = "6")]
    Patch(String),
    #[prost(message, tag = "8")]
    Custom(CustomPattern),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CustomPattern {
    #[prost(string, tag = "1")]
    pub(crate) kind: String,
    #[prost(string, tag = "2")]
    pub(crate) path: String,
}

impl HttpRule {
    /// HTTP method and path template, when the rule has a pattern.
    pub(crate) fn method_and_path(&self) -> Option<(&str, &str)> {
        Some(match self.pattern.as_ref()? {
            Pattern::Get(path) => ("GET", path),
            Pattern::Put(path) => ("PUT", path),
            Pattern::Post(path) => ("POST", path),
            Pattern::Delete(path) => ("DELETE", path),
            Pattern::Patch(path) => ("PATCH", path),
            Pattern::Custom(custom) => (&custom.kind, &custom.path),
        })
    }
}

/// How a call counts against its caller's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateClass {
    /// Reads and small writes; also what an RPC without the option counts as.
    #[default]
    Default,
    /// Work that occupies a worker: model builds, slices.
    Compute,
    /// Pictures.
    Render,
    /// Calls between services; not limited, and not reachable from outside.
    Internal,
}

/// What a caller needs in order to use a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodPolicy {
    /// `/pkg.Service/Method`.
    pub path: String,
    /// The scope the principal must hold; `internal` is for services only, `public` needs no principal, and an RPC
    /// without the option carries the empty string, which nobody holds.
    pub scope: String,
    pub rate_class: RateClass,
}

impl MethodPolicy {
    /// Only services may call it: never through the edge.
    pub fn is_internal(&self) -> bool {
        self.scope == "internal" || self.rate_class == RateClass::Internal
    }

    /// Anybody may call it.
    pub fn is_public(&self) -> bool {
        self.scope == "public"
    }

    pub(crate) fn of(method: &MethodDescriptor) -> Self {
        let options = method.options();
        let scope = match extension(&options, REQUIRED_SCOPE_EXTENSION) {
            Some(Value::String(scope)) => scope,
            _ => String::new(),
        };
        let rate_class = match extension(&options, RATE_CLASS_EXTENSION) {
            Some(Value::EnumNumber(2)) => RateClass::Compute,
            Some(Value::EnumNumber(3)) => RateClass::Render,
            Some(Value::EnumNumber(4)) => RateClass::Internal,
            _ => RateClass::Default,
        };
        Self { path: grpc_path(method), scope, rate_class }
    }
}

/// The `google.api.http` rule of a method with its additional bindings, flattened.
pub(crate) fn http_rules(method: &MethodDescriptor) -> Result<Vec<HttpRule>, prost::DecodeError> {
    let Some(Value::Message(message)) = extension(&method.options(), HTTP_EXTENSION) else { return Ok(Vec::new()) };
    let mut rule: HttpRule = message.transcode_to()?;
    let additional = std::mem::take(&mut rule.additional_bindings);
    Ok(std::iter::once(rule).chain(additional).collect())
}

pub(crate) fn grpc_path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

fn extension(options: &DynamicMessage, number: u32) -> Option<Value> {
    let descriptor = options.descriptor().get_extension(number)?;
    options.has_extension(&descriptor).then(|| options.get_extension(&descriptor).into_owned())
}
