//! The files that pages ask for: style sheets, scripts, icon. Each has a name that changes with its content, so that it
//! may be kept for ever.

use domain::key::sha256_hex;

use crate::Page;

const CSS: &str = "text/css; charset=utf-8";
pub(crate) const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A static file, with its name before the hash of its content is put in.
pub(crate) struct Asset {
    file: &'static str,
    content_type: &'static str,
    body: &'static str,
}

pub(crate) static SITE_CSS: Asset =
    Asset { file: "site.css", content_type: CSS, body: include_str!("../assets/site.css") };
pub(crate) static REFERENCE_CSS: Asset =
    Asset { file: "reference.css", content_type: CSS, body: include_str!("../assets/reference.css") };
pub(crate) static THEME_JS: Asset =
    Asset { file: "theme.js", content_type: SCRIPT, body: include_str!("../assets/theme.js") };
pub(crate) static SITE_JS: Asset =
    Asset { file: "site.js", content_type: SCRIPT, body: include_str!("../assets/site.js") };
pub(crate) static TRY_JS: Asset =
    Asset { file: "try.js", content_type: SCRIPT, body: include_str!("../assets/try.js") };
pub(crate) static ICON: Asset =
    Asset { file: "favicon.svg", content_type: "image/svg+xml", body: include_str!("../assets/favicon.svg") };

impl Asset {
    /// The file's path below the site's root.
    pub(crate) fn path(&self) -> String {
        versioned(self.file, self.body)
    }
}

pub(crate) fn pages() -> Vec<Page> {
    [&SITE_CSS, &REFERENCE_CSS, &THEME_JS, &SITE_JS, &TRY_JS, &ICON]
        .map(|asset| Page {
            path: asset.path(),
            content_type: asset.content_type,
            body: asset.body.to_owned(),
            is_asset: true,
        })
        .to_vec()
}

/// The name of a file with the hash of its content before the extension: `site.0123456789abcdef.css`.
pub(crate) fn versioned(file: &str, body: &str) -> String {
    let (name, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    format!("{name}.{:.16}.{extension}", sha256_hex(body.as_bytes()))
}
