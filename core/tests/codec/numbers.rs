use topsail_core::BigInt;

use super::{misfit, read, reads, same, write};

#[test]
fn doubles() {
    let table = [
        ("0", 0.0),
        ("1", 1.0),
        ("-1", -1.0),
        ("0.1", 0.1),
        ("98.5", 98.5),
        ("-0.001", -0.001),
        ("9007199254740991", 9007199254740991.0),
        ("4294967296", 4294967296.0),
        (r#"["inf"]"#, f64::INFINITY),
        (r#"["-inf"]"#, f64::NEG_INFINITY),
    ];
    for (text, number) in table {
        same(text, number);
    }
    assert!(read::<f64>(r#"["nan"]"#).unwrap().is_nan());
    assert_eq!(write(&f64::NAN), r#"["nan"]"#);
    assert_eq!(write(&-0.0), "0");
    assert!(read::<f64>("-0").unwrap().is_sign_negative());
    assert_eq!(read("1e400"), Ok(f64::INFINITY));
}

#[test]
fn doubles_round_trip() {
    let numbers = [
        1e21,
        5e-324,
        2.2250738585072014e-308,
        9007199254740991.0,
        9007199254740992.0,
        9007199254740994.0,
        -9007199254740993.0,
        0.1,
        1.0 / 3.0,
        1e308,
        f64::MAX,
        123456789012345680000.0,
        123456.789e-7,
        1e15 + 0.3,
        -1.5,
    ];
    for number in numbers {
        let text = write(&number);
        assert_eq!(read(&text), Ok(number), "{text}");
        assert_eq!(serde_json::from_str(&text).ok(), Some(number), "{text}");
    }
}

#[test]
fn singles() {
    for (text, number) in [("0.1", 0.1_f32), ("16777216", 16777216.0), ("1e20", 1e20)] {
        assert_eq!(read(text), Ok(number));
        assert_eq!(read(&write(&number)), Ok(number));
    }
    assert_eq!(write(&0.1_f32), "0.1");
    assert_eq!(write(&f32::INFINITY), r#"["inf"]"#);
}

#[test]
fn integers() {
    same("0", 0_u8);
    same("255", u8::MAX);
    same("-128", i8::MIN);
    same("65535", u16::MAX);
    same("-32768", i16::MIN);
    same("4294967295", u32::MAX);
    same("-2147483648", i32::MIN);
    same("9007199254740992", 1_u64 << 53);
    same("-9007199254740992", -(1_i64 << 53));
    same(r#"["bigint","9007199254740993"]"#, (1_u64 << 53) + 1);
    same(r#"["bigint","-9007199254740993"]"#, -(1_i64 << 53) - 1);
    same(r#"["bigint","18446744073709551615"]"#, u64::MAX);
    same(r#"["bigint","-9223372036854775808"]"#, i64::MIN);
    same(r#"["bigint","5"]"#, 5_i128);
    same(r#"["bigint","-170141183460469231731687303715884105728"]"#, i128::MIN);
    same(r#"["bigint","340282366920938463463374607431768211455"]"#, u128::MAX);
}

#[test]
fn integers_in_other_notations() {
    for text in ["5.0", "5", "50e-1", "0.5e1", "5E0", r#"["bigint","5"]"#, r#"["bigint","+05"]"#] {
        if !text.contains("bigint") {
            reads(text, 5_u8);
        }
        reads(text, 5_i64);
        reads(text, 5_u64);
        reads(text, 5_i128);
        reads(text, 5_u128);
    }
    reads("-0", 0_u8);
    reads("-0.0", 0_u128);
    reads(r#"["bigint","-0"]"#, 0_u128);
    reads("1e3", 1000_u16);
    reads("1152921504606846976", 1_u64 << 60);
    reads("-9223372036854775808", i64::MIN);
    reads("1e30", 1000000000000000019884624838656_i128);
    reads("5", Some(5_u32));
}

#[test]
fn integers_that_do_not_fit() {
    misfit::<u8>("256", "expected an integer from 0 to 255, found 256");
    misfit::<u8>(r#"["bigint","5"]"#, "expected an integer from 0 to 255, found a bigint");
    misfit::<u8>("-1", "expected an integer from 0 to 255, found -1");
    misfit::<i8>("-129", "expected an integer from -128 to 127, found -129");
    misfit::<u16>("1e5", "expected an integer from 0 to 65535, found 100000");
    misfit::<u32>("1.5", "expected an integer from 0 to 4294967295, found 1.5");
    misfit::<i32>("1e20", "expected an integer from -2147483648 to 2147483647, found 1e20");
    let range = "expected an integer from 0 to 18446744073709551615, found";
    misfit::<u64>("-5", &format!("{range} -5"));
    misfit::<u64>("18446744073709551616", &format!("{range} 18446744073709551616"));
    misfit::<u64>(r#"["bigint","18446744073709551616"]"#, &format!("{range} 18446744073709551616"));
    misfit::<u64>(r#"["bigint","-1"]"#, &format!("{range} -1"));
    misfit::<u64>(r#"["inf"]"#, &format!("{range} Infinity"));
    misfit::<u64>(r#"["-inf"]"#, &format!("{range} -Infinity"));
    misfit::<u64>(r#"["nan"]"#, &format!("{range} NaN"));
    misfit::<u64>("1e999", &format!("{range} Infinity"));
    misfit::<u64>(r#"["bigint","0x10"]"#, &format!("{range} \"0x10\""));
    misfit::<i128>("1e40", "expected an integer, found 1e40");
    misfit::<u128>("-1", "expected an integer from 0, found -1");
    misfit::<i128>(
        r#"["bigint","170141183460469231731687303715884105728"]"#,
        "expected an integer, found 170141183460469231731687303715884105728",
    );
    misfit::<std::num::NonZeroU8>("0", "expected a nonzero u8, found 0");
    misfit::<u8>(r#"["undefined"]"#, "expected an integer from 0 to 255, found undefined");
    let long = format!("0.{}", "1".repeat(100));
    let shown = format!("\"0.{}\"…", "1".repeat(62));
    misfit::<u8>(&long, &format!("expected an integer from 0 to 255, found {shown}"));
}

#[test]
fn bigints() {
    for number in [0, 1, -1, i128::MAX, i128::MIN] {
        assert_eq!(i128::try_from(&BigInt::from(number)), Ok(number));
    }
    let too_large = BigInt::from(u128::MAX);
    assert_eq!(i128::try_from(&too_large).unwrap_err().kind(), "RangeError");
    for (text, digits) in [("007", "7"), ("-0", "0"), ("+12", "12"), ("-0012", "-12")] {
        assert_eq!(text.parse::<BigInt>().unwrap().as_str(), digits);
    }
    for text in ["", "-", "1.0", "0x1", " 1", "1n", "--1"] {
        assert_eq!(text.parse::<BigInt>().unwrap_err().kind(), "SyntaxError", "{text}");
    }
    assert!("9".repeat(BigInt::MAX_DIGITS).parse::<BigInt>().is_ok());
    let too_long = "9".repeat(BigInt::MAX_DIGITS + 1).parse::<BigInt>();
    assert_eq!(too_long.unwrap_err().kind(), "RangeError");
}
