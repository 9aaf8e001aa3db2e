#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| topsail_fuzz::json::run(data));
