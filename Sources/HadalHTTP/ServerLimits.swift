extension HTTPServer {
    /// What a client may take of the server before anybody knows who it is.
    public struct Limits: Sendable {
        /// Of a request's head together. HTTP/2 adds 32 for each field (RFC 9113, 6.5.2).
        public var headerBytes = 32 << 10
        /// HTTP/1.1; in HTTP/2 `headerBytes` bounds them.
        public var headerFields = 128
        /// A request's head that is not complete this long after its first byte ends the connection.
        public var headTime: Duration = .seconds(10)
        /// A connection whose TLS handshake takes longer is closed.
        public var handshakeTime: Duration = .seconds(10)
        /// A connection without a request, or with one that does not go on, is closed after this.
        public var idleTime: Duration = .seconds(75)
        /// More connections wait to be accepted. An idle one takes 28 KiB.
        public var connections = Descriptors.forConnections
        /// At the same time from one address, further ones being closed at once; nil: any number. An IPv6 network of 64
        /// bits counts as one address, since that is what a single customer is given.
        public var connectionsPerAddress: Int? = 256
        /// The same for the machine itself, where proxies run.
        public var connectionsPerLoopbackAddress: Int?
        /// Ends connections whose other side's machine does not answer any more, with TLS: `endWhenPeerIsLost`.
        public var endsWhenPeerIsLost = false
        /// Requests at the same time on one HTTP/2 connection.
        public var streams = 100

        public init() {}
    }
}
