//! The answer's body on its way out: still part of the call, recorded at its end, cut when the server must stop.

use std::future::Future as _;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::body::Body;
use tonic::{Code, Status};

use super::edge::panic_text;
use super::record::Recorder;
use crate::context::{self, CallContext};
use crate::error::Error;

pub(super) struct CallBody {
    inner: Body,
    recorder: Recorder,
    call: Arc<CallContext>,
    end: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    over: bool,
}

impl CallBody {
    pub(super) fn new(
        inner: Body,
        recorder: Recorder,
        call: Arc<CallContext>,
        end: Option<WaitForCancellationFutureOwned>,
    ) -> Self {
        Self { inner, recorder, call, end: end.map(Box::pin), over: false }
    }

    /// A status instead of the rest, as trailers, so that the caller sees it and not a broken stream.
    fn conclude(&mut self, status: &Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.over = true;
        self.recorder.record(status.code());
        let mut trailers = http::HeaderMap::new();
        Poll::Ready(Some(match status.add_header(&mut trailers) {
            Ok(()) => Ok(Frame::trailers(trailers)),
            Err(status) => Err(status),
        }))
    }
}

impl http_body::Body for CallBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let this = &mut *self;
        let span = this.recorder.span().clone();
        let _entered = span.enter();
        let inner = &mut this.inner;
        let polled = context::sync_scope(&this.call, || {
            std::panic::catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(cx)))
        });
        match polled {
            Err(panic) => {
                let error = Error::internal(format!("response stream panicked: {}", panic_text(panic.as_ref())));
                this.conclude(&Status::from(error))
            }
            Ok(Poll::Ready(Some(Ok(frame)))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let code = Status::from_header_map(trailers).map_or(Code::Ok, |status| status.code());
                    this.recorder.record(code);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Ok(Poll::Ready(Some(Err(status)))) => {
                this.recorder.record(status.code());
                Poll::Ready(Some(Err(status)))
            }
            Ok(Poll::Ready(None)) => {
                this.recorder.record(Code::Ok);
                Poll::Ready(None)
            }
            Ok(Poll::Pending) => match this.end.as_mut().map(|end| end.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => {
                    let error = Error::unavailable("the service is shutting down; resume from your cursor")
                        .with_reason("SHUTTING_DOWN");
                    this.conclude(&error.to_status())
                }
                _ => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
