/// Why compressed bytes are refused.
struct ZstdError: Error, Hashable {
    /// In the bytes that were given last.
    let offset: Int
    let problem: String
}
