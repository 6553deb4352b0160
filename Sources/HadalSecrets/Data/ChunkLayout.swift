/// How much text an encrypted file has, and in how many chunks, by its size alone.
struct ChunkLayout: Sendable {
    /// Of the plain text, in bytes.
    let count: UInt64
    let lastIndex: UInt32

    /// - Parameters:
    ///   - fileSize: with the header, in bytes.
    ///   - path: for errors.
    init(fileSize: UInt64, headerSize: Int, chunkSize: Int, path: String) throws(SecretsError) {
        guard fileSize > UInt64(headerSize) else { throw .incomplete(path: path, size: fileSize) }
        let (body, tag) = (fileSize - UInt64(headerSize), UInt64(ChunkCipher.tagSize))
        let sealedSize = UInt64(chunkSize) + tag
        // One at least: also where nothing was written there is a tag.
        let chunks = (body + sealedSize - 1) / sealedSize
        guard chunks - 1 <= UInt32.max else { throw .tooLarge(path: path, problem: "more than 2^32 chunks") }
        let lastSize = body - (chunks - 1) * sealedSize
        guard lastSize > tag || (chunks == 1 && lastSize == tag) else {
            throw .incomplete(path: path, size: fileSize)
        }
        lastIndex = UInt32(chunks - 1)
        count = body - chunks * tag
    }
}
