use super::Decoder;
use crate::json::{Kind, View};

/// The kinds of values of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Form {
    /// `undefined`, or a value that is missing.
    Undefined,
    /// `null`
    Null,
    /// A boolean.
    Bool,
    /// A number, not-a-number and the infinities included.
    Number,
    /// A string.
    String,
    /// A `bigint`.
    BigInt,
    /// A `Date`.
    Date,
    /// Bytes in any container.
    Bytes,
    /// An array.
    Array,
    /// An object.
    Object,
    /// An `Error`.
    Error,
    /// A `URL`.
    Url,
    /// A capability. A [`Decoder`] says this of streams too.
    Stub,
    /// A `ReadableStream`.
    Readable,
    /// A `WritableStream`.
    Writable,
    /// A `Headers` object.
    Headers,
    /// A `Request`.
    Request,
    /// A `Response`.
    Response,
    /// A `Blob`.
    Blob,
    /// Another form of the protocol.
    Other,
}

impl Form {
    const ALL: [Form; 20] = [
        Form::Undefined,
        Form::Null,
        Form::Bool,
        Form::Number,
        Form::String,
        Form::BigInt,
        Form::Date,
        Form::Bytes,
        Form::Array,
        Form::Object,
        Form::Error,
        Form::Url,
        Form::Stub,
        Form::Readable,
        Form::Writable,
        Form::Headers,
        Form::Request,
        Form::Response,
        Form::Blob,
        Form::Other,
    ];

    /// The form of a number, as [`names::VALUE`](crate::codec::names::VALUE) gives it.
    pub fn from_number(number: u8) -> Option<Form> {
        Form::ALL.get(usize::from(number)).copied()
    }

    /// In JavaScript's words, with an article.
    pub fn name(self) -> &'static str {
        match self {
            Form::Undefined => "undefined",
            Form::Null => "null",
            Form::Bool => "a boolean",
            Form::Number => "a number",
            Form::String => "a string",
            Form::BigInt => "a bigint",
            Form::Date => "a date",
            Form::Bytes => "bytes",
            Form::Array => "an array",
            Form::Object => "an object",
            Form::Error => "an error",
            Form::Url => "a URL",
            Form::Stub => "a stub",
            Form::Readable => "a readable stream",
            Form::Writable => "a writable stream",
            Form::Headers => "headers",
            Form::Request => "a request",
            Form::Response => "a response",
            Form::Blob => "a blob",
            Form::Other => "another kind of object",
        }
    }
}

impl<'a> Decoder<'_, 'a> {
    /// The kind of the value.
    pub fn form(self) -> Form {
        match self.kind() {
            Kind::Null if self.is_absent() => Form::Undefined,
            Kind::Null => Form::Null,
            Kind::False | Kind::True => Form::Bool,
            Kind::Number => Form::Number,
            Kind::String => Form::String,
            Kind::Object => Form::Object,
            Kind::Array if self.is_literal() => Form::Array,
            Kind::Array => self.form_of_array(),
        }
    }

    fn form_of_array(self) -> Form {
        if self.hole().is_some() {
            return Form::Stub;
        }
        if self.view().escaped_array().is_some() {
            return Form::Array;
        }
        match self.tag().unwrap_or_default().as_bytes() {
            b"undefined" => Form::Undefined,
            b"inf" | b"-inf" | b"nan" => Form::Number,
            b"bigint" => Form::BigInt,
            b"date" => Form::Date,
            b"bytes" => Form::Bytes,
            b"error" => Form::Error,
            b"url" => Form::Url,
            b"headers" => Form::Headers,
            b"request" => Form::Request,
            b"response" => Form::Response,
            b"blob" => Form::Blob,
            _ => Form::Other,
        }
    }

    /// The first element of a form.
    pub(super) fn tag(self) -> Option<&'a str> {
        self.part(0).and_then(View::plain_str)
    }

    /// An element of a form.
    pub(super) fn part(self, index: usize) -> Option<View<'a>> {
        self.view().elements().nth(index)
    }

    /// The number of the hole, if the value is one.
    pub(super) fn hole(self) -> Option<u32> {
        let holes = self.source.holes;
        if holes.is_empty() || self.is_literal() {
            return None;
        }
        holes.binary_search(&self.at).ok().map(|number| number as u32)
    }

    /// The elements of an array: those of the value, not of a form.
    pub(super) fn array(self) -> Option<View<'a>> {
        let view = self.view();
        if self.is_literal() {
            return (view.kind() == Kind::Array).then_some(view);
        }
        if self.hole().is_some() { None } else { view.escaped_array() }
    }
}
