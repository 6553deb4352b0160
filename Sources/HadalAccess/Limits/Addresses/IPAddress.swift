import Foundation

/// An IPv4 or IPv6 address. IPv4 addresses mapped into IPv6 (`::ffff:192.0.2.7`, RFC 4291, 2.5.5.2) are IPv4 addresses:
/// a socket for both kinds reports them so, and rules must not depend on the socket.
public struct IPAddress: Sendable, Hashable {
    /// The first and last 64 bits of the IPv6 address, IPv4 in its mapped form.
    let high: UInt64
    let low: UInt64

    var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter text: four decimal numbers, or an IPv6 address without brackets. A zone (`fe80::1%eth0`, RFC 4007)
    ///   is read and left out: it says which of our own interfaces, not who.
    /// - Returns: nil for all else, leading zeros (`010.0.0.1`, which some read as octal) included.
    public init?(_ text: String) {
        // The longest is 45 bytes, an interface's name has at most 15 on Linux; C strings end at the first zero byte.
        let bytes = text.utf8
        guard (2...64).contains(bytes.count), !bytes.contains(0) else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            var address = text
            if let percent = bytes.firstIndex(of: UInt8(ascii: "%")) {
                guard bytes.index(after: percent) != bytes.endIndex else { return nil }
                address = String(text[..<percent])
            }
            var parsed = in6_addr()
            guard address.withCString({ inet_pton(AF_INET6, $0, &parsed) }) == 1 else { return nil }
            (high, low) = withUnsafeBytes(of: &parsed) { raw in
                (
                    UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
        } else {
            var parsed = in_addr()
            guard text.withCString({ inet_pton(AF_INET, $0, &parsed) }) == 1 else { return nil }
            high = 0
            low = 0xffff_0000_0000 | UInt64(UInt32(bigEndian: parsed.s_addr))
        }
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var words = (high.bigEndian, low.bigEndian)
            inet_ntop(AF_INET6, &words, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
