import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// A request to the administration, as far as it is understood before it is known what it asks for.
struct AdministrationCall: Sendable {
    let kept: AccessServices.Kept
    /// nil: no audit trail is written.
    let audit: AuditRecorder?
    /// What stands for the stars in the route's path.
    let names: [String]
    let query: [String: String]
    /// The same as it came.
    let queryText: String
    /// Where the route takes one.
    var body: JSON?
    let cookies: SessionCookies
    let address: String?
    let requestID: String

    var administration: AccessAdministration { kept.administration }

    func name(_ index: Int = 0) -> String { names[index] }

    func fields() throws(WireError) -> FieldReader { try FieldReader(body ?? .null) }

    /// Refuses what nobody asked for in the query.
    func checkQuery(_ known: String...) throws(WireError) { try checkQuery(known) }

    func checkQuery(_ known: [String]) throws(WireError) {
        for name in query.keys.sorted() where !known.contains(name) { throw .unknown(field: String(name.prefix(64))) }
    }

    func text(_ name: String) -> String? { query[name] }

    func flag(_ name: String) throws(WireError) -> Bool {
        switch text(name) {
        case nil, "false": false
        case "true": true
        default: throw .outOfRange(field: name, expected: "true or false")
        }
    }

    func time(_ name: String) throws(WireError) -> Date? {
        guard let text = text(name) else { return nil }
        guard let date = Date(iso8601: text) else {
            throw .outOfRange(field: name, expected: "a time such as 2026-11-01T00:00:00Z")
        }
        return date
    }

    func int(_ name: String, _ range: ClosedRange<Int>) throws(WireError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .outOfRange(field: name, expected: "between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    /// A part of a listing: `limit` elements after the one whose id is `after`.
    func page<Item>(_ items: [Item], id: (Item) -> String, json: (Item) throws -> JSON) throws -> Response {
        try checkQuery("limit", "after")
        var rest = items[...]
        if let after = text("after") {
            guard let place = rest.firstIndex(where: { id($0) == after }) else {
                throw WireError.outOfRange(field: "after", expected: "the id or name of an element of the list")
            }
            rest = rest[(place + 1)...]
        }
        let shown = rest.prefix(try int("limit", 1...1000) ?? 100)
        return AdministrationReply.list(try shown.map(json), hasMore: shown.count < rest.count)
    }
}

enum AdministrationReply {
    static func list(_ data: [JSON], hasMore: Bool, _ further: [(String, JSON)] = []) -> Response {
        HTTPReply.json(.object(JSON.Object([("data", .array(data)), ("hasMore", .bool(hasMore))] + further)))
    }

    /// What was made.
    static func created(_ json: JSON) -> Response { HTTPReply.json(json, status: 201) }

    static var done: Response { Response(status: .noContent) }
}

/// Fields that several requests have.
extension FieldReader {
    mutating func strings(_ name: String, limit: Int = 1000) throws(WireError) -> [String]? {
        guard let elements = try array(name, limit: limit) else { return nil }
        var strings: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string else {
                throw .wrongType(field: field("\(name)[\(index)]"), expected: "a string")
            }
            strings.append(text)
        }
        return strings
    }

    mutating func permissions(_ name: String) throws(WireError) -> Set<Permission>? {
        guard let words = try strings(name) else { return nil }
        var permissions: Set<Permission> = []
        for (index, word) in words.enumerated() {
            guard let permission = Permission(rawValue: word) else {
                throw .outOfRange(
                    field: field("\(name)[\(index)]"), expected: "a permission; GET /admin/v1/roles lists them")
            }
            permissions.insert(permission)
        }
        return permissions
    }

    mutating func models() throws(WireError) -> ModelScope? { try strings("models").map(ModelScope.init(names:)) }

    /// ISO 8601 with a zone: `2026-11-01T00:00:00Z`.
    mutating func time(_ name: String) throws(WireError) -> Date? {
        guard let text = try string(name) else { return nil }
        guard let date = Date(iso8601: text) else {
            throw .outOfRange(field: field(name), expected: "a time such as 2026-11-01T00:00:00Z")
        }
        return date
    }
}

extension Date {
    init?(iso8601 text: String) {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self = date
    }
}
