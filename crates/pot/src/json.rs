//! Messages of the contract as canonical protobuf JSON, for the files that people open.

use std::sync::OnceLock;

use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::Value;

use crate::failure::Failure;

pub(crate) fn of<T: prost::Message + prost::Name>(message: &T) -> Result<Value, Failure> {
    static POOL: OnceLock<Result<DescriptorPool, String>> = OnceLock::new();
    let pool = POOL.get_or_init(|| DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).map_err(|e| e.to_string()));
    let unreadable =
        |why: &dyn std::fmt::Display| Failure::failed(format!("{} has no JSON form: {why}", T::full_name()));
    let pool = pool.as_ref().map_err(|e| unreadable(e))?;
    let descriptor =
        pool.get_message_by_name(&T::full_name()).ok_or_else(|| unreadable(&"it is not in the contract"))?;
    let dynamic = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).map_err(|e| unreadable(&e))?;
    let options =
        SerializeOptions::new().skip_default_fields(false).stringify_64_bit_integers(false).use_proto_field_name(true);
    dynamic.serialize_with_options(serde_json::value::Serializer, &options).map_err(|e| unreadable(&e))
}

pub(crate) fn pretty(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
