//! Compressed bodies, which API Gateway inflates before a function sees them: gzip and deflate, wherever the
//! API has a `MinimumCompressionSize`.
#![expect(clippy::disallowed_types, reason = "it stands before the functions, where bodies are whole")]

use std::io::{self, Read};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// Why a body is not inflated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The body is larger than the gateway takes.
    TooLarge,
    /// The body is in another coding, or not in the one that it names.
    Coding,
}

/// Inflates a body as its `Content-Encoding` says, which is then no longer said.
pub(super) fn inflated(headers: &mut HeaderMap, body: &mut Bytes, max_bytes: usize) -> Result<(), Unread> {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    let coding = codings.collect::<Vec<_>>().join(",").trim().to_ascii_lowercase();
    if body.is_empty() || coding.is_empty() {
        return Ok(());
    }
    match &*coding {
        "identity" => {}
        "gzip" => *body = read(MultiGzDecoder::new(&**body), max_bytes)?,
        "deflate" => *body = read(ZlibDecoder::new(&**body), max_bytes)?,
        _ => return Err(Unread::Coding),
    }
    headers.remove(header::CONTENT_ENCODING);
    Ok(())
}

/// A small body can inflate to any size.
fn read(inflating: impl Read, max_bytes: usize) -> Result<Bytes, Unread> {
    let mut inflated = Vec::new();
    let room = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    inflating.take(room).read_to_end(&mut inflated).map_err(|_: io::Error| Unread::Coding)?;
    if inflated.len() > max_bytes { Err(Unread::TooLarge) } else { Ok(inflated.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).and_then(|()| encoder.finish()).expect("memory")
    }

    fn inflate(codings: &[&'static str], body: Vec<u8>) -> Result<(Bytes, bool), Unread> {
        let mut headers = HeaderMap::new();
        for coding in codings {
            headers.append(header::CONTENT_ENCODING, coding.parse().expect("a value"));
        }
        let mut body = Bytes::from(body);
        inflated(&mut headers, &mut body, 1000)
            .map(|()| (body, headers.contains_key(header::CONTENT_ENCODING)))
    }

    #[test]
    fn gzip_and_deflate_are_inflated_and_no_longer_said() {
        let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
        let deflated = deflated.write_all(b"{}").and_then(|()| deflated.finish()).expect("memory");
        let plain = Ok((Bytes::from("{}"), false));
        assert_eq!(inflate(&["gzip"], gzip(b"{}")), plain);
        assert_eq!(inflate(&["GZip"], gzip(b"{}")), plain);
        assert_eq!(inflate(&["deflate"], deflated), plain);
        assert_eq!(inflate(&["identity"], b"{}".to_vec()), plain);
        assert_eq!(inflate(&[], b"{}".to_vec()), plain);
        assert_eq!(inflate(&["br"], Vec::new()), Ok((Bytes::new(), true)), "nothing has no coding");
    }

    #[test]
    fn another_coding_and_a_body_in_another_are_told_apart_from_one_that_inflates_without_end() {
        for codings in [&["br"][..], &["zstd"], &["gzip", "gzip"], &["gzip, br"], &["x"]] {
            assert_eq!(inflate(codings, gzip(b"{}")), Err(Unread::Coding), "{codings:?}");
        }
        assert_eq!(inflate(&["gzip"], b"{}".to_vec()), Err(Unread::Coding));
        assert_eq!(inflate(&["deflate"], gzip(b"{}")), Err(Unread::Coding));
        let cut = gzip(b"{}");
        assert_eq!(inflate(&["gzip"], cut[..cut.len() - 3].to_vec()), Err(Unread::Coding));
        assert_eq!(inflate(&["gzip"], gzip(&[b' '; 1000])).map(|(body, _)| body.len()), Ok(1000));
        assert_eq!(inflate(&["gzip"], gzip(&[b' '; 1001])), Err(Unread::TooLarge));
    }
}
