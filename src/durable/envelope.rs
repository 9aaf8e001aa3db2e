//! What is saved of a session: the subscriptions on its socket, and behind them the session.
//!
//! ```text
//! version        byte 1
//! next number    varint (LEB128)
//! subscriptions  count, each: number, deliveries (varints), length of the group, the group
//! session        as `Peer::freeze` writes it
//! ```

use super::live::Subscription;

const VERSION: u8 = 1;

/// The subscriptions of a session without their stubs, which the session holds in the same order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The number of the next subscription.
    pub(super) next: u32,
    pub(super) subscriptions: Vec<Header>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) number: u32,
    pub(super) delivered: u64,
    pub(super) group: Box<str>,
}

/// Appends what stands before the session.
pub(super) fn write<'s>(
    next: u32,
    subscriptions: impl ExactSizeIterator<Item = &'s Subscription>,
    out: &mut Vec<u8>,
) {
    out.push(VERSION);
    write_number(next.into(), out);
    write_number(subscriptions.len() as u64, out);
    for subscription in subscriptions {
        write_number(subscription.number.into(), out);
        write_number(subscription.delivered.get(), out);
        write_number(subscription.group.len() as u64, out);
        out.extend_from_slice(subscription.group.as_bytes());
    }
}

/// Splits what was saved; the rest is the session. `None` if it has another form.
pub(super) fn read(bytes: &[u8]) -> Option<(Envelope, &[u8])> {
    let mut rest = bytes.strip_prefix(&[VERSION])?;
    let mut envelope = Envelope { next: read_u32(&mut rest)?, subscriptions: Vec::new() };
    for _ in 0..read_number(&mut rest)? {
        let (number, delivered) = (read_u32(&mut rest)?, read_number(&mut rest)?);
        let length = usize::try_from(read_number(&mut rest)?).ok()?;
        let (group, behind) = rest.split_at_checked(length)?;
        rest = behind;
        let group = str::from_utf8(group).ok()?.into();
        envelope.subscriptions.push(Header { number, delivered, group });
    }
    Some((envelope, rest))
}

fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_u32(rest: &mut &[u8]) -> Option<u32> {
    u32::try_from(read_number(rest)?).ok()
}

fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use topsail_core::{RpcError, RpcStub};

    use super::*;

    fn written() -> Vec<u8> {
        let stub = || <RpcStub>::failed(RpcError::error("none")).into_raw();
        let rows = [(3, 0, ""), (400, u64::MAX >> 1, "listeners")];
        let subscriptions = rows.map(|(number, delivered, group)| Subscription {
            number,
            delivered: Cell::new(delivered),
            group: group.into(),
            stub: stub(),
        });
        let mut bytes = Vec::new();
        write(401, subscriptions.iter(), &mut bytes);
        bytes.extend_from_slice(b"session");
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = written();
        let (envelope, session) = read(&bytes).expect("it has the form");
        let header =
            |number, delivered, group: &str| Header { number, delivered, group: group.into() };
        let expected = vec![header(3, 0, ""), header(400, u64::MAX >> 1, "listeners")];
        assert_eq!(envelope, Envelope { next: 401, subscriptions: expected });
        assert_eq!(session, b"session");
    }

    #[test]
    fn hostile_bytes() {
        let bytes = written();
        let envelope_end = bytes.len() - b"session".len();
        for end in 0..envelope_end {
            assert_eq!(read(&bytes[..end]), None, "cut at {end}");
        }
        for bytes in [&[][..], &[2, 0, 0], &[1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0], &[0xff; 40]] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        // A count that the bytes cannot hold takes no memory.
        assert_eq!(read(&[1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), None);
    }
}
