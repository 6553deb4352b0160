/// Finds stop strings in text that comes in pieces: text is held back while it may be the beginning of one.
package struct StopMatcher: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []
    /// The stop that was found.
    package private(set) var found: String?

    package init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

    /// - Returns: text that is certain to stand before any stop, and whether a stop was found (which is left out).
    package mutating func feed(_ text: String) -> (text: String, stopped: Bool) {
        guard !stops.isEmpty else { return (text, false) }
        held += text.utf8
        let places = stops.compactMap { stop in StopMatcher.find(stop, in: held).map { (place: $0, stop: stop) } }
        if let earliest = places.min(by: { $0.place < $1.place }) {
            let text = String(decoding: held[..<earliest.place], as: UTF8.self)
            found = String(decoding: earliest.stop, as: UTF8.self)
            held = []
            return (text, true)
        }
        let keep = stops.map(overlap).max() ?? 0
        let certain = held.count - keep
        defer { held.removeFirst(certain) }
        return (String(decoding: held[..<certain], as: UTF8.self), false)
    }

    /// What was held back, at the end.
    package mutating func flush() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// The longest end of `held` that begins `stop`. Both are whole characters, so the cut is one between characters.
    private func overlap(_ stop: [UInt8]) -> Int {
        for length in stride(from: min(stop.count - 1, held.count), to: 0, by: -1)
        where held.suffix(length).elementsEqual(stop.prefix(length)) && stop[0] & 0xC0 != 0x80 {
            return length
        }
        return 0
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard !pattern.isEmpty, bytes.count >= pattern.count else { return nil }
        return (0...bytes.count - pattern.count).first { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
