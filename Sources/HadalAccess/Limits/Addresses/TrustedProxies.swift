/// Which proxies are believed when they say for whom they ask.
///
/// Each proxy adds at the right whom it got the request from. So all that stands left of what a proxy of ours has added
/// was written by somebody we do not know: the client is the rightmost address that is no proxy of ours. Only one of
/// both headers counts, the one that our proxies write: the other they pass on as the client wrote it.
public struct TrustedProxies: Sendable, Hashable {
    public enum Header: String, CaseIterable, Sendable, Hashable {
        /// The usual one. Some write a port too.
        case xForwardedFor = "x-forwarded-for"
        /// RFC 7239.
        case forwarded
    }

    /// More proxies than this in a row have nobody behind them.
    static let hopsLimit = 64

    private let ranges: [AddressRange]
    public let header: Header

    /// - Parameter ranges: empty: nobody is believed.
    /// - Throws: `LimitError.badRange`, `.tooManyRanges`.
    public init(_ ranges: [String] = [], header: Header = .xForwardedFor) throws(LimitError) {
        self.ranges = try AddressRange.list(ranges)
        self.header = header
    }

    public func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// - Parameters:
    ///   - peer: who holds the connection's other end.
    ///   - lines: the values of all header fields named `header`, in their order.
    /// - Returns: for whom the request is. Where a believed proxy has written no address (`unknown`, a made-up name,
    ///   garbage), nobody further left is believed: it is that proxy's request.
    public func client(peer: IPAddress, _ lines: [String]) -> IPAddress {
        guard !lines.isEmpty, contains(peer) else { return peer }
        var client = peer
        var hopsLeft = TrustedProxies.hopsLimit
        for line in lines.reversed() {
            var rest = line[...]
            while hopsLeft > 0, let element = ForwardedHeader.takeLast(&rest) {
                hopsLeft -= 1
                let hop = header == .forwarded ? ForwardedHeader.hop(element) : element
                guard let address = hop.flatMap(ForwardedHeader.address) else { return client }
                client = address
                guard contains(address) else { return client }
            }
        }
        return client
    }
}
