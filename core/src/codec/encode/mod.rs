mod compound;
mod error;
mod key;
mod serializer;

use serde::{Serialize, ser};

use self::compound::Brackets;
pub use self::compound::Compound;
pub use self::error::EncodeError;
use super::{MAX_LEVELS, Token, names};
use crate::Payload;
use crate::json::{append, write_key};
use crate::levels::levels;
use crate::normal::bracket_levels;

/// Integers of JavaScript's `number` are exact up to here, 2^53; beyond, they go as `bigint`.
const SAFE: u64 = 1 << 53;

/// Appends a value to a payload, as an expression of the protocol: a [`serde::Serializer`].
///
/// It is used through [`encode`](super::encode), [`encode_into`](super::encode_into) and
/// [`encode_arguments`](super::encode_arguments).
#[derive(Debug)]
pub struct Encoder<'p> {
    out: &'p mut Payload<Token>,
    mode: Mode,
    /// Inside [`names::LITERAL`].
    literal: bool,
    /// Containers around the current value.
    levels: usize,
    /// The value stands in a list by itself, and so may stay what it is if it is bytes.
    is_alone: bool,
}

/// How the next value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// As an expression.
    Value,
    /// An array without its escape; nothing else may come.
    List,
    /// As the parameters of a form: without brackets around sequences and bytes.
    Bare,
    /// Strings are wire text.
    Text,
}

impl<'p> Encoder<'p> {
    /// An encoder that appends one value.
    #[inline]
    pub fn new(out: &'p mut Payload<Token>) -> Self {
        // It may be bytes, and is written on from now on.
        out.text_mut();
        Encoder { out, mode: Mode::Value, literal: false, levels: 0, is_alone: false }
    }

    /// An encoder that appends one list of arguments: a plain array.
    pub(super) fn list(out: &'p mut Payload<Token>) -> Self {
        Encoder { mode: Mode::List, ..Encoder::new(out) }
    }

    /// An encoder of the only element of a list, behind its bracket. If it is bytes, the payload becomes
    /// the whole list.
    #[cfg(feature = "peer")]
    pub(super) fn alone(out: &'p mut Payload<Token>) -> Self {
        Encoder { levels: 1, is_alone: true, ..Encoder::new(out) }
    }

    /// Whether the current value is the whole element of a list.
    fn is_whole(&mut self) -> bool {
        self.is_alone && self.mode == Mode::Value && self.text().len() == 1
    }

    /// Checks that a list was written.
    pub(super) fn finish_list(&self) -> Result<(), EncodeError> {
        if self.mode == Mode::List { Err(EncodeError::not_a_list()) } else { Ok(()) }
    }

    fn text(&mut self) -> &mut String {
        self.out.written()
    }

    fn push(&mut self, text: &str) {
        append(self.text(), text);
    }

    fn take_mode(&mut self) -> Mode {
        std::mem::replace(&mut self.mode, Mode::Value)
    }

    fn array<'e>(&'e mut self) -> Compound<'e, 'p> {
        match self.take_mode() {
            Mode::Value if !self.literal => Compound::open(self, Brackets::Escaped),
            Mode::Value | Mode::List => Compound::open(self, Brackets::Array),
            inner @ (Mode::Bare | Mode::Text) => Compound::inline(self, inner),
        }
    }

    fn object<'e>(&'e mut self) -> Result<Compound<'e, 'p>, EncodeError> {
        match self.mode {
            Mode::Bare => Ok(self.array()),
            Mode::List => Err(EncodeError::not_a_list()),
            Mode::Value | Mode::Text => Ok(Compound::open(self, Brackets::Object)),
        }
    }

    /// Opens `{"variant":`.
    fn variant(&mut self, variant: &str) -> Result<(), EncodeError> {
        if self.mode == Mode::List {
            return Err(EncodeError::not_a_list());
        }
        self.text().push('{');
        write_key(self.text(), variant);
        self.levels += 1;
        self.check_depth()
    }

    fn check_depth(&self) -> Result<(), EncodeError> {
        if self.levels < MAX_LEVELS { Ok(()) } else { Err(EncodeError::too_deep()) }
    }

    // With a name that the compiler knows little is left of it.
    #[inline]
    fn reserved<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        tag: &str,
        value: &T,
    ) -> Result<(), EncodeError> {
        if self.mode == Mode::List {
            return Err(EncodeError::not_a_list());
        }
        match name {
            names::STUB | names::PROMISE => {
                let token = value.serialize(key::TokenSerializer)?;
                self.capability(token);
            }
            names::FORM => self.with_mode(Mode::List, value)?,
            names::EXPRESSION => self.expression(value)?,
            names::PROPS => self.props(value)?,
            names::LITERAL => {
                let literal = std::mem::replace(&mut self.literal, true);
                self.with_mode(Mode::Value, value)?;
                self.literal = literal;
            }
            names::UNDEFINED | names::VALUE => self.with_mode(Mode::Value, value)?,
            _ => {
                self.open_form(tag);
                self.with_mode(Mode::Bare, value)?;
                self.text().push(']');
            }
        }
        Ok(())
    }

    /// A hole. One that is all of the value needs no text.
    fn capability(&mut self, token: Token) {
        if self.mode == Mode::Value && self.levels == 0 && self.text().is_empty() {
            *self.out = Payload::from_cap(token);
        } else {
            self.out.push_cap(token);
        }
    }

    /// The start of a form, up to its parameters.
    #[inline(never)]
    fn open_form(&mut self, tag: &str) {
        self.text().push_str("[\"");
        self.push(tag);
        self.text().push_str("\",");
    }

    fn with_mode<T: ?Sized + Serialize>(
        &mut self,
        mode: Mode,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.mode = mode;
        value.serialize(&mut *self)?;
        self.mode = Mode::Value;
        Ok(())
    }

    /// A value that is passed on. By itself it is as deep as it was when it came.
    fn expression<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        let (start, around) = (self.text().len(), self.levels);
        self.with_mode(Mode::Text, value)?;
        let text = self.text().get(start..).unwrap_or_default();
        // Each level takes two bytes at least.
        let may_be_deep = around > 0 && around + text.len() / 2 >= MAX_LEVELS;
        if may_be_deep && around + levels(text) >= MAX_LEVELS {
            return Err(EncodeError::too_deep());
        }
        Ok(())
    }

    /// The props of an error. The error itself always gets through: props too deep are left out.
    fn props<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), EncodeError> {
        let start = self.text().len();
        self.with_mode(Mode::Text, value)?;
        let inner = bracket_levels(self.text().get(start..).unwrap_or("{}"));
        if self.levels + inner >= MAX_LEVELS {
            self.text().truncate(start);
            self.push("{}");
        }
        Ok(())
    }

    #[inline(never)]
    fn bigint(&mut self, digits: &str) {
        self.push("[\"bigint\",\"");
        self.push(digits);
        self.push("\"]");
    }
}

impl ser::Error for EncodeError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        EncodeError::new(message.to_string())
    }
}
