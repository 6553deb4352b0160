import NIOCore
import NIOPosix
import NIOSSL

/// A connection to a mail server: text out, replies in.
final class MailConnection: Sendable {
    private let channel: any Channel
    private let replies: NIOLoopBound<MailReplyHandler>
    private let host: String

    /// - Parameter tls: where the connection begins with TLS.
    /// - Throws: `AlertError.delivery`.
    static func open(_ host: String, _ port: Int, tls: NIOSSLContext?) async throws(AlertError) -> MailConnection {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(10))
                .connect(host: host, port: port) { channel in
                    // Kept from here on: a server that is not trusted is gone before the connection is ours, and why it went is
                    // in the replies.
                    channel.eventLoop.makeCompletedFuture {
                        if let tls { try channel.pipeline.syncOperations.addHandler(handler(tls, host)) }
                        let replies = MailReplyHandler()
                        try channel.pipeline.syncOperations.addHandler(replies)
                        return MailConnection(channel, NIOLoopBound(replies, eventLoop: channel.eventLoop), host)
                    }
                }
        } catch { throw failure(host, error) }
    }

    private init(_ channel: any Channel, _ replies: NIOLoopBound<MailReplyHandler>, _ host: String) {
        (self.channel, self.replies, self.host) = (channel, replies, host)
    }

    /// Without a name to check, NIOSSL wants a certificate for the server's address.
    private static func handler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private static func failure(_ host: String, _ error: any Error) -> AlertError {
        error as? AlertError
            ?? .delivery(problem: "the mail server \(host) is lost: \(AlertError.line("\(error)"))", isFinal: false)
    }

    /// The next reply.
    /// - Throws: `AlertError.delivery`, as all of these.
    func reply() async throws(AlertError) -> MailReply {
        let replies = replies
        do { return try await channel.eventLoop.flatSubmit { replies.value.next() }.get() } catch {
            throw Self.failure(host, error)
        }
    }

    func write(_ text: String) async throws(AlertError) {
        do { try await channel.writeAndFlush(ByteBuffer(string: text)) } catch {
            // Why it is closed is known to who reads.
            let last = try await reply()
            throw .delivery(problem: "the mail server \(host) ends with \(last.text)", isFinal: last.isFinal)
        }
    }

    /// Turns it to TLS. What the server has said before, without having been asked, may come from somebody between.
    func startTLS(_ context: NIOSSLContext) async throws(AlertError) {
        let (channel, replies, host) = (channel, replies, host)
        do {
            try await channel.eventLoop.submit {
                guard replies.value.isEmpty else {
                    throw AlertError.delivery(
                        problem: "the mail server \(host) says something before TLS that it was not asked",
                        isFinal: true)
                }
                try channel.pipeline.syncOperations.addHandler(Self.handler(context, host), position: .first)
            }.get()
        } catch { throw Self.failure(host, error) }
    }

    func close() { channel.close(promise: nil) }
}
