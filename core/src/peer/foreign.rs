//! Stubs that cross from one session to another, or from and to this process's own objects.

use std::rc::Rc;

use super::inner::{PeerInner, State};
use super::raw_stub::{Kind, Travels};
use super::table::Entry;
use super::{Outgoing, RawStub, RpcTarget, map};
use crate::proto::{Cap, CapId};
use crate::{Payload, RpcError};

impl State {
    /// Makes a value one of the session. Its stubs must be [shortened](RawStub::shorten): this
    /// runs while the session is borrowed.
    pub(super) fn import(&mut self, peer: &Rc<PeerInner>, value: Outgoing) -> Payload<Cap> {
        value.map(|stub| self.import_cap(peer, stub))
    }

    /// As [`import`](Self::import), one stub.
    pub(super) fn import_cap(&mut self, peer: &Rc<PeerInner>, stub: RawStub) -> Cap {
        let travels = stub.travels;
        match travels {
            Travels::Stub => Cap::Stub(self.import_id(peer, stub)),
            Travels::Promise => Cap::Promise(self.import_id(peer, stub)),
            Travels::Readable => Cap::Readable(self.import_readable(peer, stub)),
            Travels::Writable => Cap::Writable(self.import_writable(peer, stub)),
        }
    }

    /// Makes a value of the session one of this process. Takes over its references.
    pub(super) fn export(&mut self, peer: &Rc<PeerInner>, value: Payload<Cap>) -> Outgoing {
        value.map(|cap| self.export_cap(peer, cap))
    }

    /// As [`export`](Self::export), one capability.
    pub(super) fn export_cap(&mut self, peer: &Rc<PeerInner>, cap: Cap) -> RawStub {
        let stub = match self.own(cap.id()) {
            Some(own) => {
                self.session.release(cap.id(), &mut self.turn);
                own
            }
            None => RawStub::stub(peer, cap.id()),
        };
        match cap {
            Cap::Stub(_) => stub.into_stub(),
            Cap::Promise(_) => stub.into_promise(),
            Cap::Readable(_) => stub.travelling(Travels::Readable),
            Cap::Writable(_) => stub.travelling(Travels::Writable),
        }
    }

    /// What a capability stands for, if it is something of this side.
    pub(super) fn own(&self, cap: CapId) -> Option<RawStub> {
        match self.targets.get(self.session.as_target(cap)?)? {
            Entry::Target(target) => Some(RawStub::local(Rc::clone(target))),
            Entry::Forward(stub) => Some(stub.clone()),
            // A node of its own, which is no target.
            Entry::Promised(_) => None,
        }
    }

    /// The capability of a target of this process.
    pub(super) fn adopt(&mut self, target: Rc<dyn RpcTarget>) -> CapId {
        let id = self.targets.intern(target);
        self.session.target(id)
    }

    pub(super) fn import_id(&mut self, peer: &Rc<PeerInner>, stub: RawStub) -> CapId {
        if let Some(error) = self.session.closed().cloned() {
            self.garbage.stubs.push(stub);
            return self.session.broken(error);
        }
        match stub.kind {
            Kind::Session(reference) if Rc::ptr_eq(&reference.peer, peer) => reference.into_cap(),
            Kind::Session(_) if stub.is_promise() => {
                let id = self.targets.insert(Entry::Forward(stub));
                self.session.promised(id)
            }
            Kind::Session(_) => {
                let id = self.targets.insert(Entry::Forward(stub));
                self.session.target(id)
            }
            Kind::Local(target) => self.adopt(target),
            Kind::Broken(error) => self.session.broken(error),
            Kind::Recorded(_) => {
                self.garbage.stubs.push(stub);
                self.session.broken(map::outside())
            }
            Kind::Source(_) | Kind::Bytes(_) | Kind::Drain(_) => {
                self.garbage.stubs.push(stub);
                self.session.broken(RpcError::type_error("a stream is no stub"))
            }
        }
    }

    /// Gives back the capabilities of a value that nobody wants.
    pub(super) fn discard(&mut self, result: Result<Payload<Cap>, RpcError>) {
        for cap in result.iter().flat_map(Payload::caps) {
            self.session.release(cap.id(), &mut self.turn);
        }
    }
}
