import Foundation
import NIOCore

/// The other side's IP address. An IPv4 address that came mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
struct RemoteAddress: Sendable {
    /// What connections are counted by.
    struct Network: Hashable, Sendable {
        /// An IPv4 address, or the first half of an IPv6 one.
        let bytes: [UInt8]
    }

    /// Without a port.
    let text: String
    let network: Network
    let isLoopback: Bool

    /// - Returns: nil for what has no IP address, as a Unix socket.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress, let bytes = RemoteAddress.bytes(address) else { return nil }
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
        if bytes.count == 16, bytes.starts(with: mapped) {
            self.init(ipv4: Array(bytes[12...]))
        } else if bytes.count == 4 {
            self.init(ipv4: bytes)
        } else {
            self.init(
                text: text, network: Network(bytes: Array(bytes.prefix(8))),
                isLoopback: bytes == Array(repeating: 0, count: 15) + [1])
        }
    }

    /// 4 or 16 bytes: where `sockaddr_in` and `sockaddr_in6` have the address.
    private static func bytes(_ address: SocketAddress) -> [UInt8]? {
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        return address.withSockAddr { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
            return place.upperBound <= size ? Array(bytes[place]) : nil
        }
    }

    private init(ipv4 bytes: [UInt8]) {
        self.init(
            text: bytes.map(String.init).joined(separator: "."), network: Network(bytes: bytes),
            isLoopback: bytes[0] == 127)
    }

    private init(text: String, network: Network, isLoopback: Bool) {
        self.text = text
        self.network = network
        self.isLoopback = isLoopback
    }
}
