//! The fence rule: for one fence of one printer a start is sent at most once, and never after a later one.

/// Why a start may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenceRefused {
    #[error("{0} is no fence: fences begin at 1")]
    NotPositive(i64),
    #[error("a start with fence {sent} was already sent to this printer; ask the printer what became of it")]
    AlreadySent { sent: i64 },
}

/// Whether a start with `fence` may be sent to a printer whose highest sent fence is `sent` (0: none yet).
pub fn may_send(fence: i64, sent: i64) -> Result<(), FenceRefused> {
    match fence {
        ..=0 => Err(FenceRefused::NotPositive(fence)),
        fence if fence <= sent => Err(FenceRefused::AlreadySent { sent }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_fence_is_sent_once_and_in_order() {
        assert_eq!(may_send(1, 0), Ok(()));
        assert_eq!(may_send(1, 1), Err(FenceRefused::AlreadySent { sent: 1 }));
        assert_eq!(may_send(4, 7), Err(FenceRefused::AlreadySent { sent: 7 }));
        assert_eq!(may_send(0, 0), Err(FenceRefused::NotPositive(0)));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_in_whatever_order_the_sent_fences_only_grow(asked in proptest::collection::vec(-3i64..20, 0..60)) {
            let (mut sent, mut starts) = (0, Vec::new());
            for fence in asked {
                if may_send(fence, sent).is_ok() {
                    sent = fence;
                    starts.push(fence);
                }
            }
            prop_assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
