import Foundation

/// Reads `multipart/form-data` (RFC 7578) as it comes, in constant memory.
struct MultipartForm {
    enum Event {
        case part(name: String, filename: String?)
        /// Some of the last part's bytes.
        case bytes(ArraySlice<UInt8>)
    }

    enum Problem: Error, CustomStringConvertible {
        case noBoundary
        case broken(offset: Int, problem: String)

        var description: String {
            switch self {
            case .noBoundary: "the content type must be multipart/form-data with a boundary"
            case .broken(let offset, let problem): "the form is broken at byte \(offset): \(problem)"
            }
        }
    }

    private enum State {
        case beforeParts
        case afterBoundary
        case head
        case body
        case ended
    }

    private static let partsMax = 32
    private static let headBytesMax = 16 << 10

    /// A line break and what stands between the parts.
    private let delimiter: [UInt8]
    private var state = State.beforeParts
    private var partsCount = 0
    /// What came and is not yet given out, from `start` on. The first boundary has no line before it.
    private var buffer = Array("\r\n".utf8)
    private var start = 0
    /// Of `buffer`'s beginning in the body.
    private var offset = -2

    /// - Parameter contentType: the header, which says what stands between the parts.
    init(contentType: String?) throws(Problem) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count)
        else { throw .noBoundary }
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// Takes in what came next. All events before it must have been taken.
    mutating func append(_ bytes: some Collection<UInt8>) {
        guard state != .ended else { return }
        buffer.removeSubrange(..<start)
        offset += start
        start = 0
        buffer += bytes
    }

    /// nil: more must come first.
    mutating func next() throws(Problem) -> Event? {
        while true {
            switch state {
            case .beforeParts: if through() == nil { return nil }
            case .body:
                guard let bytes = through() else { return nil }
                if !bytes.isEmpty { return .bytes(bytes) }
            case .afterBoundary:
                guard buffer.count - start >= 2 else { return nil }
                let mark = buffer[start..<start + 2]
                if mark.elementsEqual("--".utf8) {
                    state = .ended
                } else if mark.elementsEqual("\r\n".utf8) {
                    state = .head
                } else {
                    throw broken("no line break after a boundary")
                }
            case .head: return try head()
            case .ended: return nil
            }
        }
    }

    /// To be called when nothing more comes.
    func finish() throws(Problem) {
        switch state {
        case .ended: return
        case .beforeParts: throw .broken(offset: 0, problem: "no boundary")
        case .afterBoundary, .body: throw broken("a part without an end")
        case .head: throw broken("a part without a head's end")
        }
    }

    /// Bytes up to the next boundary, or as far as they cannot belong to one. Empty where they are all given out and
    /// the boundary is passed.
    /// - Returns: nil where more must come first.
    private mutating func through() -> ArraySlice<UInt8>? {
        if buffer[start...].starts(with: delimiter) {
            start += delimiter.count
            state = .afterBoundary
            return []
        }
        let end = delimiterStart(in: buffer[start...])
        guard end > start else { return nil }
        defer { start = end }
        return buffer[start..<end]
    }

    /// Where the delimiter begins, or may begin when more comes; else the end.
    private func delimiterStart(in bytes: ArraySlice<UInt8>) -> Int {
        var place = bytes.startIndex
        while let found = bytes[place...].firstIndex(of: UInt8(ascii: "\r")) {
            if bytes[found...].prefix(delimiter.count).elementsEqual(delimiter.prefix(bytes.endIndex - found)) {
                return found
            }
            place = found + 1
        }
        return bytes.endIndex
    }

    private mutating func head() throws(Problem) -> Event? {
        let bytes = buffer[start...].prefix(Self.headBytesMax)
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if bytes.count == Self.headBytesMax { throw broken("a part without a head's end") }
            return nil
        }
        guard partsCount < Self.partsMax else { throw broken("too many parts") }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let disposition = head.split(whereSeparator: \.isNewline).first {
            $0.lowercased().hasPrefix("content-disposition:")
        }
        guard let disposition, let name = Self.parameter("name", of: String(disposition)) else {
            throw broken("a part without a name")
        }
        partsCount += 1
        state = .body
        start = end.upperBound
        return .part(name: name, filename: Self.parameter("filename", of: String(disposition)))
    }

    private func broken(_ problem: String) -> Problem { .broken(offset: offset + start, problem: problem) }

    /// `name=value` or `name="value"` after a semicolon.
    private static func parameter(_ wanted: String, of header: String) -> String? {
        for piece in header.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces).lowercased() == wanted else { continue }
            return pair[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\""])
        }
        return nil
    }
}
