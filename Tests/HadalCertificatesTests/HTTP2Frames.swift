import Synchronization

/// HTTP/2 as bytes (RFC 9113), so that a test can break its rules.
enum HTTP2Frames {
    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = UInt32(payload.count)
        let head = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        return head + bytes(stream) + payload
    }

    static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }

    /// What a client begins with: the magic and empty settings.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4)
    static let endStream: UInt8 = 1
    static let endHeaders: UInt8 = 4

    static func request(_ path: String, stream: UInt32) -> [UInt8] {
        frame(1, flags: endStream | endHeaders, stream: stream, block(path))
    }

    /// GET, https and the path, in HPACK's plainest way (RFC 7541).
    static func block(_ path: String) -> [UInt8] {
        [0x82, 0x87, 0x04, UInt8(path.utf8.count)] + Array(path.utf8) + [0x01, 9] + Array("localhost".utf8)
    }

    /// A field as a literal with a new name.
    static func field(_ name: String, _ value: String) -> [UInt8] {
        [0x00, UInt8(name.utf8.count)] + Array(name.utf8) + length(value.utf8.count) + Array(value.utf8)
    }

    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 127 else { return [UInt8(count)] }
        var (rest, bytes) = (count - 127, [UInt8(127)])
        while rest >= 128 {
            bytes.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// CANCEL.
    static func reset(stream: UInt32) -> [UInt8] { frame(3, stream: stream, bytes(8)) }
    static func ping(_ number: UInt8) -> [UInt8] { frame(6, [UInt8](repeating: number, count: 8)) }

    /// - Returns: the frames that are there as a whole.
    static func parse(_ bytes: [UInt8]) -> [(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])] {
        var (rest, frames) = (bytes[...], [(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])]())
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = head[..<3].reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 9 + length else { break }
            let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append((head[3], head[4], stream, Array(rest.dropFirst(9).prefix(length))))
            rest = rest.dropFirst(9 + length)
        }
        return frames
    }

    /// The error that the connection was ended with.
    static func goAway(_ bytes: [UInt8]) -> UInt32? {
        parse(bytes).last { $0.type == 7 }.map { $0.payload[4..<8].reduce(0) { $0 << 8 | UInt32($1) } }
    }

    static let noError: UInt32 = 0
    static let enhanceYourCalm: UInt32 = 11
}

/// Tells loops to end.
final class StopSign: Sendable {
    private let up = Atomic(false)
    var isUp: Bool { up.load(ordering: .relaxed) }
    func raise() { up.store(true, ordering: .relaxed) }
}
