//! Build script: renders the documentation and the OpenAPI document, which become part of the binary, compressed.

use std::{env, error::Error, fs, io, path::Path};

use domain::Language;
use serde_json::json;

/// The highest of zstd's ordinary levels: time is spent while building, and none more while reading.
const LEVEL: i32 = 19;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    for source in site::sources(&root) {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);

    let mut document = openapi::document(Language::English)?;
    // A deployment serves the document with its own address.
    document["servers"] = json!([{"url": openapi::LOCAL_URL}]);
    fs::write(out.join("document.rs"), text(&out.join("openapi.json"), &document.to_string())?)?;

    let pages = site::pages(&root, openapi::document)?;
    let mut table = String::from("[\n");
    for page in pages {
        let file = out.join("site").join(&page.path);
        fs::create_dir_all(file.parent().ok_or("a page without a folder")?)?;
        let (path, content_type, is_asset) = (&page.path, page.content_type, page.is_asset);
        let text = text(&file, &page.body)?;
        table += &format!(
            "    Page {{ path: {path:?}, content_type: {content_type:?}, is_asset: {is_asset}, text: {text} }},\n"
        );
    }
    table += "]";
    fs::write(out.join("pages.rs"), table)?;
    fs::write(out.join("written_for.rs"), format!("{:?}", openapi::LOCAL_URL))?;
    Ok(())
}

/// Writes a text to a file, compressed, and returns the Rust expression that reads it.
fn text(file: &Path, text: &str) -> io::Result<String> {
    fs::write(file, zstd::bulk::compress(text.as_bytes(), LEVEL)?)?;
    Ok(format!("Text {{ compressed: include_bytes!({file:?}), bytes: {} }}", text.len()))
}
