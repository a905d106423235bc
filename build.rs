//! Builds the shopper's widget into `OUT_DIR` with the pinned esbuild: `loader.js`, `panel.js`, `late.js`, `panel.css`.
//!
//! Promises that a binary never carries a stale widget, and says what to run when the tool is missing. It may not
//! fetch anything.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

const WATCHED: [&str; 10] = [
    "build.rs",
    "migrations",
    "templates",
    "assets",
    "widget/loader.js",
    "widget/loader",
    "widget/panel",
    "widget/locales",
    "widget/package-lock.json",
    "widget/node_modules/.bin/esbuild",
];

/// Source, output and the flags of its own. The two halves of the panel import each other by address.
const PARTS: [(&str, &str, &[&str]); 5] = [
    ("loader.js", "loader.js", &["--format=iife"]),
    ("loader/invite.js", "invite.js", &["--format=esm"]),
    ("panel/main.js", "panel.js", &["--format=esm", "--external:./late.js"]),
    ("panel/late.js", "late.js", &["--format=esm", "--external:./panel.js"]),
    ("panel/panel.css", "panel.css", &[]),
];

fn main() {
    for path in WATCHED {
        println!("cargo:rerun-if-changed={path}");
    }
    let esbuild = Path::new("widget/node_modules/.bin/esbuild");
    if !esbuild.exists() {
        fail("the widget's build tool is not installed: run bin/setup");
    }
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        fail("OUT_DIR is not set: build with cargo");
    };
    for (source, output, flags) in PARTS {
        bundle(esbuild, &Path::new("widget").join(source), &out.join(output), flags);
    }
}

fn bundle(esbuild: &Path, source: &Path, output: &Path, flags: &[&str]) {
    let result = Command::new(esbuild)
        .arg(source)
        .args([
            "--bundle",
            "--minify",
            "--charset=utf8",
            "--target=es2022",
            "--log-level=warning",
            "--legal-comments=none",
        ])
        .args(flags)
        .arg(format!("--outfile={}", output.display()))
        .output();
    match result {
        Ok(done) if done.status.success() => {}
        Ok(done) => fail(&format!(
            "esbuild could not build {}: {}",
            source.display(),
            String::from_utf8_lossy(&done.stderr).replace('\n', " ")
        )),
        Err(error) => fail(&format!("esbuild did not start ({error}): run bin/setup")),
    }
}

fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1);
}
