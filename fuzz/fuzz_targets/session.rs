#![no_main]

use topsail_fuzz::session::Step;

libfuzzer_sys::fuzz_target!(|steps: Vec<Step>| topsail_fuzz::session::run(&steps));
