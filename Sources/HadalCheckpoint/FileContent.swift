/// What a file holds, read from its beginning in pieces: decrypted where it is encrypted, and never all of it in
/// memory.
public struct FileContent: Sendable {
    public typealias Body = (UnsafeRawBufferPointer) -> Void

    /// Of the content, in bytes.
    public let byteCount: Int
    private let read: @Sendable (_ body: Body) throws(CheckpointError) -> Void

    /// - Parameter read: gives the content in order, piece after piece.
    public init(byteCount: Int, read: @escaping @Sendable (_ body: Body) throws(CheckpointError) -> Void) {
        self.byteCount = byteCount
        self.read = read
    }

    /// Of a mapping that nobody else uses: its pages are given back as soon as they are read.
    init(_ file: MappedFile) {
        self.init(byteCount: file.bytes.count) { body in
            let piece = 4 << 20
            file.advise(.sequential)
            for start in stride(from: 0, to: file.bytes.count, by: piece) {
                let part = UnsafeRawBufferPointer(
                    rebasing: file.bytes[start..<min(start + piece, file.bytes.count)])
                body(part)
                file.advise(.dontNeed, for: part)
            }
        }
    }

    /// - Throws: where the file is damaged or cannot be read to its end.
    public func forEachPiece(_ body: Body) throws(CheckpointError) { try read(body) }
}
