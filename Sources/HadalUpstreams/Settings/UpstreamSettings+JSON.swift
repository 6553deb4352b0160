import Foundation
import HadalJSON
import HadalWire

extension UpstreamSettings {
    private static let seconds = 0.001...86_400.0

    /// - Parameter path: where it stands in the configuration, for messages.
    /// - Throws: `WireError`, which names the field.
    public init(_ json: JSON, at path: String = "") throws(WireError) {
        var fields = try FieldReader(json, at: path)
        let name = try fields.requiredString("name")
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
            throw .outOfRange(field: fields.field("name"), expected: "1 to 128 of A-Z, a-z, 0-9, _, - and .")
        }
        let base = try Self.base(try fields.requiredString("base_url"), at: fields.field("base_url"))
        let model = try fields.requiredString("model")
        guard !model.isEmpty else {
            throw .outOfRange(field: fields.field("model"), expected: "the model's name there")
        }
        self.init(name: name, baseURL: base, model: model)
        kind = try Self.kind(&fields)
        key = try fields.value("key").map { (value) throws(WireError) in
            try UpstreamKeyPlace(try FieldReader(value, at: fields.field("key")))
        }
        headers = try Self.headers(&fields, hasKey: key != nil)
        contextLength = try fields.int("context_length", in: 1...Int(Int32.max))
        prices = try fields.value("prices").map { (value) throws(WireError) in
            try UpstreamPrices(try FieldReader(value, at: fields.field("prices")))
        }
        try readBudget(&fields)
        concurrency = try fields.int("concurrency", in: 1...65_536) ?? concurrency
        try readTimeouts(&fields)
        tlsAuthority = try fields.string("tls_authority")
        allowsPlainHTTP = try fields.bool("allow_plain_http") ?? false
        try checkTransport(fields)
        try fields.finish()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// A URL as clients want it, without `/v1` and without a slash at its end.
    public static func plainBase(_ text: String) -> String {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix("/v1") { text.removeLast(3) }
        return text
    }

    private static func base(_ text: String, at path: String) throws(WireError) -> URL {
        let text = plainBase(text)
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, let url = URL(string: text)
        else { throw .outOfRange(field: path, expected: "an http or https URL, such as https://api.deepseek.com") }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
            throw .outOfRange(field: path, expected: "without a user, a query or a fragment; a key has its own field")
        }
        return url
    }

    private static func kind(_ fields: inout FieldReader) throws(WireError) -> UpstreamKind? {
        guard let word = try fields.string("kind"), word != "auto" else { return nil }
        guard let kind = UpstreamKind(rawValue: word) else {
            let known = UpstreamKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .outOfRange(field: fields.field("kind"), expected: "auto, or one of \(known)")
        }
        return kind
    }

    private static func headers(_ fields: inout FieldReader, hasKey: Bool) throws(WireError) -> [UpstreamHeader] {
        guard let value = fields.value("headers") else { return [] }
        let path = fields.field("headers")
        guard let object = value.object else { throw .wrongType(field: path, expected: "an object of strings") }
        var own = ["host", "content-length", "content-type", "transfer-encoding", "connection", "accept", "te"]
        if hasKey { own.append("authorization") }
        var headers: [UpstreamHeader] = []
        for (name, value) in object.members {
            let field = "\(path).\(name)"
            guard let text = value.string else { throw .wrongType(field: field, expected: "a string") }
            guard !name.isEmpty, name.utf8.allSatisfy({ isNameByte($0) && $0 != UInt8(ascii: ".") }) else {
                throw .outOfRange(field: field, expected: "named by letters, digits, _ and -")
            }
            guard !own.contains(name.lowercased()) else {
                throw .outOfRange(field: field, expected: "left out: it is set by the client itself")
            }
            guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw .outOfRange(field: field, expected: "of visible ASCII characters")
            }
            headers.append(UpstreamHeader(name: name, value: UpstreamKey(text)))
        }
        return headers
    }

    private mutating func readBudget(_ fields: inout FieldReader) throws(WireError) {
        guard let value = fields.value("budget") else { return }
        var inner = try FieldReader(value, at: fields.field("budget"))
        budget.day = try limit("day", &inner)
        budget.month = try limit("month", &inner)
        try inner.finish()
    }

    private func limit(_ name: String, _ fields: inout FieldReader) throws(WireError) -> Budget.Limit {
        guard let value = fields.value(name) else { return Budget.Limit() }
        var inner = try FieldReader(value, at: fields.field(name))
        let limit = Budget.Limit(
            tokens: try inner.int("tokens", in: 0...(1 << 60)), money: try inner.money("money"))
        try inner.finish()
        guard limit.money == nil || prices != nil else {
            throw .outOfRange(field: inner.field("money"), expected: "left out where there are no prices")
        }
        return limit
    }

    private mutating func readTimeouts(_ fields: inout FieldReader) throws(WireError) {
        guard let value = fields.value("timeouts") else { return }
        var inner = try FieldReader(value, at: fields.field("timeouts"))
        if let seconds = try inner.number("connect", in: Self.seconds) { timeouts.connect = .seconds(seconds) }
        if let seconds = try inner.number("first_byte", in: Self.seconds) { timeouts.firstByte = .seconds(seconds) }
        if let seconds = try inner.number("between_events", in: Self.seconds) {
            timeouts.betweenEvents = .seconds(seconds)
        }
        try inner.finish()
    }

    private func checkTransport(_ fields: FieldReader) throws(WireError) {
        guard baseURL.scheme?.lowercased() == "http" else { return }
        let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(baseURL.host?.lowercased() ?? "")
        if !isLocal, !allowsPlainHTTP, key != nil || !headers.isEmpty {
            throw .outOfRange(
                field: fields.field("base_url"),
                expected: "https where a key or headers go to another machine (or set allow_plain_http)")
        }
        if tlsAuthority != nil {
            throw .outOfRange(field: fields.field("tls_authority"), expected: "left out: base_url has no TLS")
        }
    }
}
