import HadalWire

/// A file that comes as a form: the part `file` is written as it comes, the part `purpose` says what it is for.
final class Upload {
    private enum Part {
        case file
        case purpose
        case other
    }

    private static let purposeBytesMax = 64

    private let writer: KeptFileWriter
    private var part = Part.other
    private var name: String?
    private var purpose: [UInt8]?

    init(_ writer: KeptFileWriter) { self.writer = writer }

    /// Of the file so far, in bytes.
    var count: Int { writer.count }

    /// The first part of each name counts.
    func take(_ event: MultipartForm.Event) throws {
        switch event {
        case .part("file", let filename) where name == nil:
            part = .file
            name = filename ?? "file"
        case .part("purpose", _) where purpose == nil:
            part = .purpose
            purpose = []
        case .part: part = .other
        case .bytes(let bytes):
            switch part {
            case .file: try writer.write(bytes)
            case .purpose:
                let room = Self.purposeBytesMax - (purpose?.count ?? 0)
                purpose?.append(contentsOf: bytes.prefix(room))
            case .other: break
            }
        }
    }

    /// To be called when the form has ended: the file is whole and on the disk then.
    func finish() throws -> (name: String, purpose: FileObject.Purpose) {
        guard let name else { throw WireError.missing(field: "file") }
        guard let word = purpose.flatMap({ String(validating: $0, as: UTF8.self) }) else {
            throw WireError.missing(field: "purpose")
        }
        let purpose = try FileObject.Purpose(word, at: "purpose")
        guard purpose != .batchOutput else {
            throw WireError.outOfRange(field: "purpose", expected: "batch or user_data")
        }
        try writer.finish()
        return (name, purpose)
    }
}
