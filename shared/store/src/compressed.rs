//! JSON as an item keeps it: compressed by zstd.

use std::cell::RefCell;

use domain::Error;
use serde_json::value::RawValue;
use zstd::zstd_safe::{DCtx, get_error_name, get_frame_content_size};

use crate::error::corrupt;

const LEVEL: i32 = 3;

thread_local! {
        /// zstd's working memory. To make it takes longer than to decompress most conversations and events.
    static DECOMPRESSION: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

pub(crate) fn compress(json: &[u8]) -> Result<Vec<u8>, Error> {
    zstd::bulk::compress(json, LEVEL).map_err(|error| Error::internal(error))
}

/// Decompresses JSON. More than `most` bytes were never written: a bound keeps a damaged item from taking all memory.
pub(crate) fn decompress(compressed: &[u8], most: u64) -> Result<Box<RawValue>, Error> {
    let size = get_frame_content_size(compressed).ok().flatten().filter(|size| *size <= most);
    let size =
        size.ok_or_else(|| corrupt("item", "compressed JSON does not say its size, or too large a one"))?;
    let mut json = Vec::with_capacity(size as usize);
    let read = DECOMPRESSION.with_borrow_mut(|context| context.decompress(&mut json, compressed));
    read.map_err(|code| corrupt("item", get_error_name(code)))?;
    RawValue::from_string(String::from_utf8(json).map_err(|error| Error::internal(error))?)
        .map_err(|error| Error::internal(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_or_too_large_is_refused_and_the_next_one_is_read() {
        let good = br#"[{"role":"user","content":"Hello, hello, hello, hello, hello, hello"}]"#;
        let compressed = compress(good).expect("it compresses");
        let mut damaged = compressed.clone();
        damaged.truncate(compressed.len() - 5);
        assert!(decompress(&damaged, 1_000).is_err());
        assert!(decompress(good, 1_000).is_err(), "not compressed");
        assert!(decompress(&compressed, 10).is_err(), "too large");
        assert!(decompress(&compress(b"no JSON").expect("it compresses"), 1_000).is_err());
        let read = decompress(&compressed, 1_000).expect("it is whole");
        assert_eq!(read.get().as_bytes(), good);
    }
}
