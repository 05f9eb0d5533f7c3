//! A hash that is the same in every run and on every machine: for shards and fingerprints, never for security.

/// FNV-1a, 64 bits.
pub(crate) fn stable(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_fnv_1a() {
        assert_eq!(super::stable([]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::stable(*b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
