import Synchronization

/// Counts the connections of each address, so that one client cannot have them all.
final class AddressLimits: Sendable {
    private let counts = Mutex<[RemoteAddress.Network: Int]>([:])
    private let limit: Int?
    private let loopbackLimit: Int?

    init(_ limits: HTTPServer.Limits) {
        limit = limits.connectionsPerAddress
        loopbackLimit = limits.connectionsPerLoopbackAddress
    }

    /// - Returns: whether one more is allowed; then it counts until `leave`.
    func enter(_ address: RemoteAddress) -> Bool {
        guard let limit = limit(for: address) else { return true }
        return counts.withLock { counts in
            let count = counts[address.network, default: 0]
            guard count < limit else { return false }
            counts[address.network] = count + 1
            return true
        }
    }

    func leave(_ address: RemoteAddress) {
        guard limit(for: address) != nil else { return }
        counts.withLock { counts in
            guard let count = counts[address.network] else { return }
            counts[address.network] = count > 1 ? count - 1 : nil
        }
    }

    private func limit(for address: RemoteAddress) -> Int? { address.isLoopback ? loopbackLimit : limit }
}
