//! Length-prefixed messages: four bytes, big-endian, then the protobuf message.

use std::io::{self, Read, Write};

use prost::Message;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Larger than the files of any part within the kernel's limits.
const MAX_FRAME_BYTES: u32 = 1024 * 1024 * 1024;

pub(super) fn read<M: Message + Default>(input: &mut impl Read) -> io::Result<M> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut frame = vec![0; checked(u32::from_be_bytes(length))?];
    input.read_exact(&mut frame)?;
    M::decode(frame.as_slice()).map_err(io::Error::other)
}

pub(super) fn write(output: &mut impl Write, message: &impl Message) -> io::Result<()> {
    output.write_all(&encode(message)?)?;
    output.flush()
}

pub(super) async fn receive<M: Message + Default>(input: &mut (impl AsyncRead + Unpin)) -> io::Result<M> {
    let length = input.read_u32().await?;
    let mut frame = vec![0; checked(length)?];
    input.read_exact(&mut frame).await?;
    M::decode(bytes::Bytes::from(frame)).map_err(io::Error::other)
}

pub(super) async fn send(output: &mut (impl AsyncWrite + Unpin), message: &impl Message) -> io::Result<()> {
    output.write_all(&encode(message)?).await?;
    output.flush().await
}

fn encode(message: &impl Message) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.encoded_len()).map_err(io::Error::other)?;
    checked(length)?;
    let mut frame = Vec::with_capacity(length as usize + 4);
    frame.extend_from_slice(&length.to_be_bytes());
    message.encode(&mut frame).map_err(io::Error::other)?;
    Ok(frame)
}

fn checked(length: u32) -> io::Result<usize> {
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes is too large")));
    }
    Ok(length as usize)
}

#[cfg(test)]
mod tests {
    use proto::pot::worker::v1::{Failure, WorkerResponse, worker_response::Result as R};

    use super::*;

    #[test]
    fn frames_round_trip_and_nonsense_is_refused() {
        let failure = Failure { message: "no".into(), ..Default::default() };
        let sent = WorkerResponse { result: Some(R::Failure(failure)) };
        let mut bytes = Vec::new();
        write(&mut bytes, &sent).unwrap();
        assert_eq!(read::<WorkerResponse>(&mut bytes.as_slice()).unwrap(), sent);
        assert!(read::<WorkerResponse>(&mut [0xff; 8].as_slice()).is_err());
        assert!(read::<WorkerResponse>(&mut &bytes[..bytes.len() - 1]).is_err());
    }
}
