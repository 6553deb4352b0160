import Foundation

/// An element of a server's XML: its children, and its text.
struct XMLNode: Sendable {
    let name: String
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLNode] = []

    subscript(_ name: String) -> XMLNode? { children.first { $0.name == name } }

    fileprivate init(name: String) { self.name = name }

    /// - Parameter bytes: bounded by the caller.
    /// - Returns: nil where it is no whole document of the kind that S3 sends.
    init?(parsing bytes: Data) {
        var reader = XMLReader(bytes)
        guard let root = reader.document() else { return nil }
        self = root
    }
}

/// Reads what S3's documents are made of: elements, text, character references, and CDATA. Attributes, comments and
/// instructions are passed over. A document type, which can make a document grow, is refused. (Foundation's XMLParser
/// traps on some broken tags, and what comes here may be anything.)
private struct XMLReader {
    private static let depthMax = 16
    private static let entities = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]

    private var left: ArraySlice<UInt8>
    /// From the root to where we are.
    private var open: [XMLNode] = []
    private var root: XMLNode?

    init(_ bytes: Data) { left = Array(bytes)[...] }

    mutating func document() -> XMLNode? {
        while !left.isEmpty {
            guard left.first == UInt8(ascii: "<") ? markup() : text() else { return nil }
        }
        return open.isEmpty ? root : nil
    }

    // All of these: false where it is no XML.

    private mutating func markup() -> Bool {
        if skip("<!--") { return take(until: "-->") != nil }
        if skip("<?") { return take(until: "?>") != nil }
        if skip("<![CDATA[") { return take(until: "]]>").map { append($0) } ?? false }
        if skip("</") {
            guard let name = take(until: ">")?.trimmingCharacters(in: .whitespaces) else { return false }
            return close(name)
        }
        return skip("<") && start()
    }

    private mutating func start() -> Bool {
        let bytes = left.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        left = left.dropFirst(bytes.count)
        guard let name = String(validating: bytes, as: UTF8.self), name.first?.isLetter == true else { return false }
        // Within quotes an attribute may have all but its quote.
        var quote: UInt8?
        var last: UInt8 = 0
        while let byte = left.popFirst() {
            if byte == quote {
                quote = nil
            } else if quote == nil {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
                if byte == UInt8(ascii: "<") { return false }
                if byte == UInt8(ascii: ">") {
                    guard root == nil, open.count < Self.depthMax else { return false }
                    open.append(XMLNode(name: name))
                    return last == UInt8(ascii: "/") ? close(name) : true
                }
            }
            last = byte
        }
        return false
    }

    private mutating func close(_ name: String) -> Bool {
        guard let node = open.popLast(), node.name == name else { return false }
        if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
        return true
    }

    private mutating func text() -> Bool {
        let bytes = left.prefix { $0 != UInt8(ascii: "<") }
        left = left.dropFirst(bytes.count)
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        guard let first = text.firstIndex(of: "&") else { return append(text) }
        var plain = String(text[..<first])
        for part in text[first...].split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
            guard let end = part.firstIndex(of: ";"), let character = Self.character(part[..<end]) else { return false }
            plain += character + part[part.index(after: end)...]
        }
        return append(plain)
    }

    private mutating func append(_ text: String) -> Bool {
        guard !open.isEmpty else { return text.utf8.allSatisfy(Self.isSpace) }
        open[open.count - 1].text += text
        return true
    }

    private static func character(_ reference: Substring) -> String? {
        guard reference.hasPrefix("#") else { return entities[String(reference)] }
        let digits = reference.dropFirst()
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String($0) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }

    private mutating func skip(_ mark: String) -> Bool {
        guard left.starts(with: mark.utf8) else { return false }
        left = left.dropFirst(mark.utf8.count)
        return true
    }

    /// The text before a mark, which is passed too.
    private mutating func take(until mark: String) -> String? {
        guard let range = left.firstRange(of: Array(mark.utf8)) else { return nil }
        defer { left = left[range.upperBound...] }
        return String(validating: left[..<range.lowerBound], as: UTF8.self)
    }
}
