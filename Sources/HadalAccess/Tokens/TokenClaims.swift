import Foundation
import HadalJSON

/// Reads claims (RFC 7519 section 4); one of the wrong type is an error, never ignored.
struct TokenClaims: Sendable {
    private let all: JSON.Object

    init(_ all: JSON.Object) { self.all = all }

    /// - Parameter path: a claim's name, or else names with dots between them. Whole names come first: some issuers name
    ///   claims by URLs.
    func value(at path: String) -> JSON? {
        if let value = all[path] { return value }
        var value: JSON? = .object(all)
        for name in path.split(separator: ".", omittingEmptySubsequences: false) { value = value?[String(name)] }
        return value
    }

    /// A string that is nobody else's, as far as our tables can tell.
    func name(at path: String) throws(TokenRefusal) -> String? {
        guard let text = try text(at: path) else { return nil }
        guard text.utf8.count <= 255, text.isPlainName else {
            throw TokenRefusal("'\(path)' is empty, longer than 255 bytes, has control characters or is not in NFC")
        }
        return text
    }

    func text(at path: String) throws(TokenRefusal) -> String? {
        guard let value = value(at: path) else { return nil }
        guard let text = value.string else { throw TokenRefusal("'\(path)' is not a string") }
        return text
    }

    /// A NumericDate: seconds since 1970, with or without fraction.
    func date(_ name: String) throws(TokenRefusal) -> Date? {
        guard let value = all[name] else { return nil }
        // Up to the year 9999, so that sums with it stay dates.
        guard let seconds = value.double, (0...253_402_300_799).contains(seconds) else {
            throw TokenRefusal("'\(name)' is not a number of seconds since 1970")
        }
        return Date(timeIntervalSince1970: seconds)
    }

    /// Strings: an array of them, or one alone.
    func list(at path: String) throws(TokenRefusal) -> [String] {
        guard let value = value(at: path), !value.isNull else { return [] }
        if let text = value.string { return [text] }
        guard let values = value.array else { throw TokenRefusal("'\(path)' is neither a string nor an array") }
        var list: [String] = []
        for value in values {
            guard let text = value.string else { throw TokenRefusal("'\(path)' has elements that are not strings") }
            list.append(text)
        }
        return list
    }

    /// Names of roles or groups. In `scope` (RFC 8693 section 4.2) and Microsoft's `scp` they have spaces between them.
    func roles(at path: String) throws(TokenRefusal) -> [String] {
        let list = try list(at: path)
        guard path == "scope" || path == "scp" else { return list }
        return list.flatMap { $0.split(separator: " ").map(String.init) }
    }
}
