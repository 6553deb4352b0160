import Foundation
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOSSL

/// A connection with TLS: HTTP/2 or HTTP/1.1, as the client chooses in the handshake (ALPN, RFC 7301). Its tasks run on its
/// event loop.
struct SecureChannel: ServerChildChannel {
    typealias Negotiated = NIONegotiatedHTTPVersion<HTTPConnection, HTTP2Connections.Value>

    /// Closes where nobody handles it, as `HTTPConnection`.
    final class Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel

        init(_ negotiated: EventLoopFuture<Negotiated>, _ channel: any Channel) {
            (self.negotiated, self.channel) = (negotiated, channel)
        }

        deinit { channel.close(promise: nil) }
    }

    /// The client's certificate has ended: a resumed session is not verified again.
    struct CertificateExpired: Error {}

    let http1: HTTP1Connections
    let http2: HTTP2Connections
    let addresses: AddressLimits
    let handshakeTime: TimeAmount
    let endsWhenPeerIsLost: Bool
    let refused: HTTPServer.Refused
    /// Asked for each connection: so a new certificate is used from the next one on, and none is dropped.
    let context: @Sendable () -> NIOSSLContext

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        do {
            let address = try ConnectionGate.pass(channel, addresses)
            if endsWhenPeerIsLost { _ = channel.endWhenPeerIsLost() }
            let pipeline = channel.pipeline.syncOperations
            let tls = NIOSSLServerHandler(context: context())
            try pipeline.addHandler(tls)
            try pipeline.addHandler(HandshakeLimit(handshakeTime) { error in tell(error, tls, address) })
            return channel.configureHTTP2AsyncSecureUpgrade { channel in
                secured(channel, address, speaksHTTP2: false) { http1.setup(channel, $0, logger) }
            } http2ConnectionInitializer: { channel in
                secured(channel, address, speaksHTTP2: true) { http2.setup(channel, $0, logger) }
            }.map { Value($0, channel) }
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    /// Goes on after the handshake with who the client is; fails, which closes the connection, where its certificate does
    /// not count.
    private func secured<Connection>(
        _ channel: any Channel, _ address: RemoteAddress?, speaksHTTP2: Bool,
        _ setup: (ConnectionPeer) -> EventLoopFuture<Connection>
    ) -> EventLoopFuture<Connection> {
        do {
            var peer = ConnectionPeer(address: address, isEncrypted: true, speaksHTTP2: speaksHTTP2)
            let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            if let certificate = try tls.shownCertificate() {
                guard certificate.notAfter > Date() else {
                    tell(CertificateExpired(), tls, address)
                    throw CertificateExpired()
                }
                peer.certificate = certificate
            }
            return setup(peer)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    private func tell(_ error: any Error, _ tls: NIOSSLServerHandler, _ address: RemoteAddress?) {
        guard let reason = HandshakeProblem.text(error, try? tls.shownCertificate()) else { return }
        refused(address?.text, reason)
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor.of(value.channel.eventLoop)) {
            do {
                let negotiated = try await withTaskCancellationHandler {
                    try await value.negotiated.get()
                } onCancel: {
                    value.channel.close(promise: nil)
                }
                switch negotiated {
                case .http1_1(let connection): await http1.handle(connection, logger)
                case .http2(let connection): await http2.handle(connection, logger)
                }
            } catch {
                logger.debug("no TLS connection: \(error)")
                value.channel.close(promise: nil)
            }
        }
    }
}

extension NIOSSLServerHandler {
    /// Nil where there is none.
    fileprivate func shownCertificate() throws -> PeerCertificate? {
        try peerCertificate.map { try PeerCertificate(der: $0.toDERBytes()) }
    }
}
