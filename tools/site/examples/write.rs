//! Writes the site of a repository to a directory, to be looked at: `cargo run -p site --example write -- ROOT DIRECTORY`.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(root), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("which repository, and where to?".into());
    };
    for page in site::pages(&root, openapi::document).map_err(|problems| problems.to_string())? {
        let file = directory.join(page.path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, page.body)?;
    }
    Ok(())
}
