//! The tape against `serde_json`: both must agree on what is JSON.

use serde::de::IgnoredAny;
use topsail_core::json::{Kind, Tape, View, write_str};

/// A generator with a fixed seed (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn value(&mut self, out: &mut String, depth: usize) {
        const SCALARS: [&str; 18] = [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "12",
            "-3.25",
            "1e9",
            "2E-7",
            "0.5e+3",
            "\"\"",
            "\"plain text of some length\"",
            r#""\n\t\\\"\/""#,
            r#""\u00e9\ud83d\ude00""#,
            "\"é😀\"",
            "\"\u{7f}\"",
            "123456789012345678901234567890",
            r#""12345678\n""#,
        ];
        let space = self.pick(&["", "", "", " ", "\n", "\t\r "]);
        out.push_str(space);
        match self.below(if depth == 0 { 1 } else { 3 }) {
            0 => out.push_str(self.pick(&SCALARS)),
            1 => self.list(out, depth, "[", "]", false),
            _ => self.list(out, depth, "{", "}", true),
        }
        out.push_str(space);
    }

    fn list(&mut self, out: &mut String, depth: usize, open: &str, close: &str, keyed: bool) {
        out.push_str(open);
        for at in 0..self.below(4) {
            out.push_str(if at > 0 { "," } else { "" });
            if keyed {
                out.push_str(self.pick(&["\"a\":", "\"b c\" : ", r#""\u0061":"#]));
            }
            self.value(out, depth - 1);
        }
        out.push_str(close);
    }

    /// Changes, removes, doubles or inserts characters.
    fn mutate(&mut self, text: &str) -> String {
        const PIECES: [&str; 30] = [
            "[", "]", "{", "}", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\x", "0", "1", "-", "+",
            ".", "e", "E5", "\u{0}", "\u{1f}", "\n", " ", "null", "nul", "true", "é", "\u{feff}",
            "\u{a0}", "'", "/",
        ];
        let mut letters: Vec<String> = text.chars().map(String::from).collect();
        for _ in 0..=self.below(2) {
            let at = self.below(letters.len() + 1);
            let piece = self.pick(&PIECES).to_owned();
            match self.below(4) {
                0 if at < letters.len() => drop(letters.remove(at)),
                1 if at < letters.len() => letters[at] = piece,
                2 if at < letters.len() => letters.insert(at, letters[at].clone()),
                _ => letters.insert(at, piece),
            }
        }
        letters.concat()
    }
}

/// Whether `serde_json` takes the text. It checks surrogates only of strings that it keeps.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn agrees_with_serde_json_on_what_is_json() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut tape = Tape::default();
    let (mut accepted, mut rejected) = (0, 0);
    for _ in 0..20_000 {
        let mut text = String::new();
        random.value(&mut text, 4);
        assert!(tape.parse(&text, 16).is_ok(), "{text}");
        compare(tape.view(&text), &serde_json::from_str(&text).unwrap());
        let mutated = random.mutate(&text);
        let is_accepted = tape.parse(&mutated, 128).is_ok();
        assert_eq!(is_accepted, is_json(&mutated), "{mutated:?}");
        *(if is_accepted { &mut accepted } else { &mut rejected }) += 1;
        assert_eq!(tape.is_empty(), !is_accepted);
    }
    assert!(accepted > 1000 && rejected > 1000, "{accepted} {rejected}");
}

/// Both read the same from a text.
fn compare(view: View<'_>, value: &serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Null => assert_eq!(view.kind(), Kind::Null),
        Value::Bool(true) => assert_eq!(view.kind(), Kind::True),
        Value::Bool(false) => assert_eq!(view.kind(), Kind::False),
        Value::Number(number) => assert_eq!(view.as_f64(), number.as_f64()),
        Value::String(text) => assert_eq!(view.as_str().as_deref(), Some(text.as_str())),
        Value::Array(elements) => {
            assert_eq!(view.elements().count(), elements.len());
            view.elements().zip(elements).for_each(|(view, value)| compare(view, value));
        }
        Value::Object(members) => {
            for (key, value) in members {
                let is_key = |name: View<'_>| name.as_str().as_deref() == Some(key.as_str());
                let last = view.members().filter(|(name, _)| is_key(*name)).last();
                compare(last.unwrap().1, value);
            }
        }
    }
}

#[test]
fn every_byte_at_every_place_of_a_string() {
    let mut tape = Tape::default();
    for length in 0..20 {
        for place in 0..=length {
            for byte in 0..128_u8 {
                let mut text = format!("\"{}\"", "x".repeat(length));
                text.insert(place + 1, char::from(byte));
                assert_eq!(tape.parse(&text, 1).is_ok(), is_json(&text), "{text:?}");
            }
        }
    }
}

#[test]
fn strings_are_written_as_they_are_read() {
    let mut tape = Tape::default();
    for length in 0..20 {
        for place in 0..=length {
            for letter in ('\0'..'\u{a0}').chain(['é', '\u{2028}', '😀']) {
                let mut text = "é".repeat(length / 2) + &"x".repeat(length % 2);
                let at = text.char_indices().map(|(at, _)| at).nth(place).unwrap_or(text.len());
                text.insert(at, letter);
                let mut json = String::new();
                write_str(&mut json, &text);
                tape.parse(&json, 1).unwrap();
                assert_eq!(tape.view(&json).as_str().as_deref(), Some(text.as_str()));
                assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            }
        }
    }
}

#[test]
fn depth_counts_containers() {
    let mut tape = Tape::default();
    for (text, depth) in [("1", 0), ("[]", 1), ("{}", 1), (r#"[[],{"a":[]}]"#, 3)] {
        assert!(tape.parse(text, depth).is_ok());
        if depth > 0 {
            let error = tape.parse(text, depth - 1).unwrap_err();
            assert!(error.to_string().starts_with("nested too deep at byte "), "{error}");
        }
    }
}

#[test]
fn errors_name_the_place() {
    let table = [
        ("", "unexpected end at byte 0"),
        ("[1,]", "expected a value at byte 3"),
        ("[1 2]", "expected `,` or `]` at byte 3"),
        ("[1", "unexpected end at byte 2"),
        (r#"{"a" 1}"#, "expected `:` at byte 5"),
        ("{1:2}", "expected a key at byte 1"),
        (r#"{"a":1,}"#, "expected a key at byte 7"),
        ("nul", "expected a value at byte 1"),
        ("01", "trailing characters at byte 1"),
        ("-", "bad number at byte 1"),
        ("1.", "bad number at byte 2"),
        ("\"a\nb\"", "control character in a string at byte 2"),
        (r#""\x""#, "bad escape at byte 3"),
        ("1 1", "trailing characters at byte 2"),
    ];
    for (text, message) in table {
        let error = Tape::default().parse(text, 8).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert!(message.ends_with(&error.offset().to_string()));
    }
}

#[test]
fn white_space_is_noticed() {
    let mut tape = Tape::default();
    for (text, is_spaced) in [("[1,2]", false), ("[1, 2]", true), (r#"[" "]"#, false), (" 1", true)]
    {
        tape.parse(text, 8).unwrap();
        assert_eq!(tape.view(text).is_spaced(), is_spaced, "{text}");
    }
}

#[test]
fn what_is_not_there_is_null() {
    let nothing = View::nothing();
    assert_eq!(nothing.kind(), Kind::Null);
    assert_eq!((nothing.elements().count(), nothing.members().count()), (0, 0));
    assert!(nothing.escaped_array().is_none() && nothing.as_str().is_none());
    assert_eq!(Tape::default().view("").kind(), Kind::Null);
}

#[test]
fn integers_of_views() {
    let table = [
        ("0", Some(0)),
        ("-7", Some(-7)),
        ("999999999999999", Some(999_999_999_999_999)),
        ("9007199254740992", Some(1 << 53)),
        ("-9007199254740992", Some(-(1 << 53))),
        ("9007199254740994", None),
        ("1.0", Some(1)),
        ("1e3", Some(1000)),
        ("1.5", None),
        ("1e400", None),
        ("\"1\"", None),
    ];
    let mut tape = Tape::default();
    for (text, integer) in table {
        tape.parse(text, 1).unwrap();
        assert_eq!(tape.view(text).as_integer(), integer, "{text}");
    }
}

/// The tape's double of a text is the standard library's.
fn same_double(text: &str) {
    let mut tape = Tape::default();
    tape.parse(text, 1).unwrap();
    let number = tape.view(text).as_f64().unwrap();
    assert_eq!(number.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
}

#[test]
fn doubles_at_the_edges() {
    let table = [
        "0",
        "-0",
        "0.0",
        "0e999999999999",
        "-0e-5",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "123e-7",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993e5",
        "9007199254740993.00000000000000000000000000000001",
        "36893488147419107329",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1.7976931348623158079e308",
        "-1.7976931348623158e308",
        "1e309",
        "17976931348623157081452742373170435679807056752584499659891747680315726078002853876058955863276687817154045895351438246423432132688946418276846754670353751698604991057655128207624549009038932894407586850845513394230458323690322294816580855933212334774797926204144723168738177180919299881250404026184124858368e0",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "1e2147483648",
        "1e-9223372036854775809",
        "-1e400",
        "0.1e310",
        "1000000e303",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.225073858507201e-308",
        "4.9e-324",
        "5e-324",
        "3e-324",
        "2.5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2e-324",
        "1e-324",
        "1e-330",
        "1e-400",
        "0.000001e-318",
        "7.4109846876186981626485318930233205854758970392148714663837852375101326090531312779794975454245398856969484704316857659638998506553390969459816219401617281718945106978546710679176872575177347315553307795408549809608457500958111373034747658096871009590975442271004757307809711118935784838675653998783503015228055934046593739791790738723868299395818481660169122019456499931289798411362062484498678713572180352209017023903285791732520220528974020802906854021606612375549983402671300035812486479041385743401875520901590172592547146296175134159774938718574737870961645638908718119841271673056017045493004705269590165763776884908267986972573366521765567941072508764337560846003984904972149117463085539556354188641513168478436313080237596295773983001708984375e-324",
    ];
    table.iter().for_each(|text| same_double(text));
    let zeros = "0".repeat(400);
    same_double(&format!("0.{zeros}17e709"));
    same_double(&format!("0.{zeros}18e709"));
    same_double(&format!("17976931348623157{}", "0".repeat(292)));
    same_double(&format!("17976931348623159{}", "0".repeat(292)));
    same_double(&format!("{}e-1100", "7".repeat(1_000)));
    same_double(&format!("{}.{}e-600", "12".repeat(300), "34".repeat(300)));
}

#[test]
fn doubles_of_random_texts() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for _ in 0..20_000 {
        let number = f64::from_bits(random.next());
        if number.is_finite() {
            same_double(&format!("{number:e}"));
            same_double(&format!("{number:.16e}"));
            same_double(&format!("{number:.18e}"));
        }
        let exponent = random.below(700) as i64 - 350;
        same_double(&format!("{}e{exponent}", random.next()));
        let short = random.next() >> random.below(64);
        same_double(&format!("{short}.{:03}e{}", random.below(1000), exponent / 8));
    }
}

#[test]
fn doubles_of_halves_between_doubles() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for _ in 0..200 {
        // Exact in decimal: between an integer's double and the next.
        let even = (1_u128 << 53 | u128::from(random.next() >> 12)) << random.below(60);
        let half = even + (even & even.wrapping_neg()) / 2 * u128::from(random.below(2) as u8);
        for end in ["", ".0", ".00000000000000000000000001", "e-3", "e-30", "e-300", "e200"] {
            same_double(&format!("{half}{end}"));
        }
        same_double(&format!("{half}.{}", "0".repeat(900)));
        same_double(&format!("{half}.{}1", "0".repeat(900)));
        // A double's digits in full, and one more or less at the end.
        let small = f64::from_bits((random.next() % (1 << 60)) | (1 << 50));
        let text = format!("{small:.1074}");
        let text = text.trim_end_matches('0');
        same_double(text);
        same_double(&format!("{text}1"));
        same_double(&format!("{}4", &text[..text.len() - 1]));
    }
}

#[test]
fn integers_are_written_in_full() {
    use topsail_core::json::{write_i64, write_u64};
    let mut random = Random(0x5851_F42D_4C95_7F2D);
    let edges = (0..20).flat_map(|digits| {
        let power = 10_u64.pow(digits);
        [power - 1, power, power + 1]
    });
    let edges = edges.chain([0, u64::from(u32::MAX), u64::from(u32::MAX) + 1, 1 << 53, u64::MAX]);
    let numbers: Vec<u64> =
        (0..1000).map(|_| random.next() >> random.below(64)).chain(edges).collect();
    for number in numbers {
        let (mut unsigned, mut signed) = (String::new(), String::new());
        write_u64(&mut unsigned, number);
        write_i64(&mut signed, number as i64);
        assert_eq!((unsigned, signed), (number.to_string(), (number as i64).to_string()));
    }
}
