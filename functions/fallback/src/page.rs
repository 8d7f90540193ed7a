//! The 404 page, which leads to the documentation and looks like it.

use api::{Address, Public};
use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Language::{self, English, French, German, Spanish};

/// The security headers of the page, which has no script.
const POLICY: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];
/// The headers that decide whether there is a page, and what is on it.
const VARY: &str = "Accept, Accept-Encoding, Accept-Language, Authorization, Host, X-Forwarded-Proto";

/// The words of the page.
struct Words {
    title: &'static str,
    text: &'static str,
    link: &'static str,
}

pub(crate) fn not_found(address: &Address, language: Language) -> Response {
    let page = Public { content_type: "text/html; charset=utf-8", text: html(address, language) };
    (StatusCode::NOT_FOUND, POLICY, [(header::VARY, VARY)], page).into_response()
}

/// The documentation's files are asked for without the hash in their names, for which it answers with those that it has.
fn html(address: &Address, language: Language) -> String {
    let docs = format!("{}/docs", address.0.as_deref().unwrap_or_default());
    let (tag, Words { title, text, link }) = (language.tag(), words(language));
    format!(
        r#"<!DOCTYPE html>
<html lang="{tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · InboundFlow API</title>
<link rel="icon" type="image/svg+xml" href="{docs}/favicon.svg">
<link rel="stylesheet" href="{docs}/site.css">
</head>
<body>
<main class="frontispiece">
<h1>{title}</h1>
<p>{text}</p>
<ul><li><a href="{docs}/{tag}/index.html"><strong>{link}</strong></a></li></ul>
</main>
</body>
</html>
"#
    )
}

fn words(language: Language) -> Words {
    match language {
        English => Words {
            title: "Page not found",
            text: "There is no page at this address. The API's paths begin with /v1.",
            link: "Documentation",
        },
        German => Words {
            title: "Seite nicht gefunden",
            text: "Unter dieser Adresse gibt es keine Seite. Die Pfade der API beginnen mit /v1.",
            link: "Dokumentation",
        },
        French => Words {
            title: "Page introuvable",
            text: "Il n'y a pas de page à cette adresse. Les chemins de l'API commencent par /v1.",
            link: "Documentation",
        },
        Spanish => Words {
            title: "Página no encontrada",
            text: "No hay ninguna página en esta dirección. Las rutas de la API comienzan con /v1.",
            link: "Documentación",
        },
    }
}
