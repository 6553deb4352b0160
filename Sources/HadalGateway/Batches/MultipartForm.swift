import Foundation

/// Reads `multipart/form-data` (RFC 7578) from a file.
struct MultipartForm {
    struct Part {
        var name: String
        var filename: String?
        /// Of the body, in the file.
        var range: Range<Int>
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

    private static let partsMax = 32
    private static let headBytesMax = 16 << 10

    let data: Data
    private(set) var parts: [Part] = []

    /// - Parameter contentType: the header, which says what stands between the parts.
    init(_ data: Data, contentType: String?) throws(Problem) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count)
        else { throw .noBoundary }
        self.data = data
        let delimiter = Data("--\(boundary)".utf8)
        guard var at = data.range(of: delimiter)?.upperBound else {
            throw .broken(offset: 0, problem: "no boundary")
        }
        let lineBreak = Data("\r\n".utf8)
        while !data[at...].starts(with: Data("--".utf8)) {
            guard data[at...].starts(with: lineBreak) else {
                throw .broken(offset: at, problem: "no line break after a boundary")
            }
            let headEnd = min(at + Self.headBytesMax, data.endIndex)
            guard let end = data.range(of: Data("\r\n\r\n".utf8), in: at..<headEnd) else {
                throw .broken(offset: at, problem: "a part without a head's end")
            }
            guard let next = data.range(of: lineBreak + delimiter, in: end.upperBound..<data.endIndex) else {
                throw .broken(offset: end.upperBound, problem: "a part without an end")
            }
            guard parts.count < Self.partsMax else { throw .broken(offset: at, problem: "too many parts") }
            let head = String(decoding: data[at..<end.lowerBound], as: UTF8.self)
            let disposition = head.split(whereSeparator: \.isNewline).first {
                $0.lowercased().hasPrefix("content-disposition:")
            }
            guard let disposition, let name = Self.parameter("name", of: String(disposition)) else {
                throw .broken(offset: at, problem: "a part without a name")
            }
            parts.append(
                Part(
                    name: name, filename: Self.parameter("filename", of: String(disposition)),
                    range: end.upperBound..<next.lowerBound))
            at = next.upperBound
        }
    }

    func part(_ name: String) -> Part? { parts.first { $0.name == name } }

    func text(_ name: String) -> String? {
        part(name).flatMap { String(validating: data[$0.range], as: UTF8.self) }
    }

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
