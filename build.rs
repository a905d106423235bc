//! Builds what browsers get into `OUT_DIR` with the pinned tools of `widget/build.mjs`: `loader.js`; `panel.json`, which is
//! the panel's page in every language with all it needs; and `console.json`, the scripts and style sheets of staff pages.
//!
//! Promises that a binary never carries a stale widget, and says what to run when the tools are missing. It may not
//! fetch anything.

use std::env;
use std::path::Path;
use std::process::{Command, exit};

const WATCHED: [&str; 13] = [
    "build.rs",
    "migrations",
    "templates",
    "assets",
    "widget/build.mjs",
    "widget/console.mjs",
    "widget/page.mjs",
    "widget/ours.mjs",
    "widget/loader.js",
    "widget/loader",
    "widget/panel",
    "widget/locales",
    "widget/node_modules/.package-lock.json",
];

fn main() {
    for path in WATCHED {
        println!("cargo:rerun-if-changed={path}");
    }
    if !Path::new("widget/node_modules/terser").exists() {
        fail("the widget's build tools are not installed: run bin/setup");
    }
    let Some(out) = env::var_os("OUT_DIR") else {
        fail("OUT_DIR is not set: build with cargo");
    };
    match Command::new("node").arg("widget/build.mjs").arg(out).output() {
        Ok(done) if done.status.success() => {}
        Ok(done) => fail(&format!(
            "the widget could not be built: {}",
            String::from_utf8_lossy(&done.stderr).replace('\n', " ")
        )),
        Err(error) => fail(&format!("node did not start ({error}): run bin/setup")),
    }
}

fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1);
}
