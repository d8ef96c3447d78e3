//! One HTTP binding of a method, checked against the descriptors when the platform starts.

use std::sync::Arc;

use http::uri::PathAndQuery;
use prost_reflect::{FieldDescriptor, MessageDescriptor, MethodDescriptor};

use crate::codec::HTTP_BODY;
use crate::error::BuildError;
use crate::params::resolve;
use crate::rule::{HttpRule, MethodPolicy, grpc_path};
use crate::template::Template;

#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) http_method: String,
    pub(crate) template: Template,
    pub(crate) body: BodyRule,
    /// The part of the response that is the HTTP body; the whole when absent.
    pub(crate) response_body: Option<FieldDescriptor>,
    pub(crate) method: MethodDescriptor,
    pub(crate) input: MessageDescriptor,
    pub(crate) output: MessageDescriptor,
    pub(crate) service: String,
    pub(crate) path: PathAndQuery,
    pub(crate) policy: Arc<MethodPolicy>,
    /// Whether this is the rule itself or one of its additional bindings.
    pub(crate) additional: usize,
}

/// Where the HTTP body goes in the request message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BodyRule {
    None,
    /// The JSON body is the message.
    Whole,
    Field(FieldDescriptor),
    /// The raw bytes are a `google.api.HttpBody`: in this field, or the message itself.
    Raw(Option<FieldDescriptor>),
}

impl Binding {
    pub(crate) fn new(
        method: &MethodDescriptor,
        rule: &HttpRule,
        additional: usize,
        policy: &Arc<MethodPolicy>,
    ) -> Result<Self, BuildError> {
        let wrong = |reason: String| BuildError::Binding { method: method.full_name().to_owned(), reason };
        let (http_method, path) = rule.method_and_path().ok_or_else(|| wrong("the rule has no path".into()))?;
        if http_method != "*" && http::Method::from_bytes(http_method.as_bytes()).is_err() {
            return Err(wrong(format!("{http_method:?} is not an HTTP method")));
        }
        let template = Template::parse(path)
            .map_err(|source| BuildError::Template { method: method.full_name().to_owned(), source })?;
        let (input, output) = (method.input(), method.output());
        for variable in &template.variables {
            let fields = resolve(&input, &variable.field)
                .ok_or_else(|| wrong(format!("{:?} is not a field of {}", variable.field, input.full_name())))?;
            if fields.last().is_some_and(|f| f.is_list() || f.is_map()) {
                return Err(wrong(format!("path variable {:?} must be singular", variable.field)));
            }
        }
        let body = Self::body_rule(&input, &rule.body).map_err(wrong)?;
        let response_body =
            match rule.response_body.as_str() {
                "" => None,
                name => Some(output.get_field_by_name(name).ok_or_else(|| {
                    wrong(format!("response_body {name:?} is not a field of {}", output.full_name()))
                })?),
            };
        if method.is_client_streaming() && (method.is_server_streaming() || !matches!(body, BodyRule::Raw(_))) {
            return Err(wrong(
                "a client stream over HTTP must be an upload: body of type google.api.HttpBody, one answer".into(),
            ));
        }
        let grpc = grpc_path(method);
        Ok(Self {
            http_method: http_method.to_owned(),
            template,
            body,
            response_body,
            input,
            output,
            service: method.parent_service().full_name().to_owned(),
            path: PathAndQuery::try_from(grpc.as_str()).map_err(|e| wrong(e.to_string()))?,
            policy: Arc::clone(policy),
            method: method.clone(),
            additional,
        })
    }

    fn body_rule(input: &MessageDescriptor, body: &str) -> Result<BodyRule, String> {
        let is_raw = |message: &MessageDescriptor| message.full_name() == HTTP_BODY;
        match body {
            "" => Ok(BodyRule::None),
            "*" if is_raw(input) => Ok(BodyRule::Raw(None)),
            "*" => Ok(BodyRule::Whole),
            name => {
                let field = input
                    .get_field_by_name(name)
                    .ok_or_else(|| format!("body {name:?} is not a field of {}", input.full_name()))?;
                let raw = !field.is_list() && field.kind().as_message().is_some_and(is_raw);
                Ok(if raw { BodyRule::Raw(Some(field)) } else { BodyRule::Field(field) })
            }
        }
    }

    /// The response travels as raw bytes with its own content type.
    pub(crate) fn answers_raw(&self) -> bool {
        self.output.full_name() == HTTP_BODY
    }
}
