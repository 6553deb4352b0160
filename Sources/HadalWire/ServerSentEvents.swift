/// One server-sent event (WHATWG HTML, section 9.2).
public struct ServerSentEvent: Sendable, Hashable {
    /// nil: the format's default, `message`.
    public var name: String?
    public var data: String
    /// Only for whoever reads the connection: a line that clients pass by. It keeps proxies and clients from giving up on a
    /// stream in which nothing happens.
    public var comment: String?

    public init(comment: String) {
        self.comment = comment
        data = ""
    }

    public init(name: String? = nil, data: String) {
        self.name = name
        self.data = data
    }

    /// As it goes over the wire, with the empty line that ends it.
    public var text: String {
        if let comment { return ": \(comment)\n\n" }
        var text = name.map { "event: \($0)\n" } ?? ""
        // A line break in the data would end the line. JSON has none (it writes them as escapes), so one line is the rule.
        if data.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            for line in data.split(
                omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" })
            {
                text += "data: \(line)\n"
            }
        } else {
            text += "data: \(data)\n"
        }
        return text + "\n"
    }

    /// The end of a stream of OpenAI's.
    public static let done = ServerSentEvent(data: "[DONE]")
}

/// Splits a stream of bytes into events, wherever the bytes are cut.
public struct ServerSentEventParser: Sendable {
    /// A longer event is an error, so that a broken peer cannot fill the memory.
    public let eventBytesLimit: Int
    private var line: [UInt8] = []
    private var name: String?
    private var data: [UInt8] = []
    private var hasData = false
    private var skipsLineFeed = false
    private var isStart = true

    public init(eventBytesLimit: Int = 16 << 20) { self.eventBytesLimit = eventBytesLimit }

    /// The events that these bytes complete.
    public mutating func feed(_ bytes: some Sequence<UInt8>) throws(WireError) -> [ServerSentEvent] {
        let result = bytes.withContiguousStorageIfAvailable { bytes in
            Result { () throws(WireError) in try feed(contiguous: bytes) }
        }
        if let result { return try result.get() }
        return try feed(Array(bytes))
    }

    private mutating func feed(contiguous bytes: UnsafeBufferPointer<UInt8>) throws(WireError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var start = 0
        while start < bytes.count {
            if skipsLineFeed {
                skipsLineFeed = false
                if bytes[start] == UInt8(ascii: "\n") {
                    start += 1
                    continue
                }
            }
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n"), bytes[end] != UInt8(ascii: "\r") { end += 1 }
            guard line.count + data.count + (end - start) <= eventBytesLimit else {
                throw .stream(problem: "an event of more than \(eventBytesLimit) bytes")
            }
            line += bytes[start..<end]
            start = end + 1
            guard end < bytes.count else { break }
            skipsLineFeed = bytes[end] == UInt8(ascii: "\r")
            if let event = try endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() throws(WireError) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isStart {
            isStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return try endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard colon > line.startIndex else { return nil }
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        case "event": name = String(decoding: value, as: UTF8.self)
        // `id` and `retry` are for reconnecting browsers.
        default: break
        }
        return nil
    }

    private mutating func endEvent() throws(WireError) -> ServerSentEvent? {
        defer {
            name = nil
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        guard hasData else { return nil }
        guard let text = String(validating: data, as: UTF8.self) else { throw .stream(problem: "invalid UTF-8") }
        return ServerSentEvent(name: name, data: text)
    }
}
