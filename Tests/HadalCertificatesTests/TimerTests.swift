import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOTLS
import Testing

@testable import HadalHTTP

/// The limits of time, on a clock that the test moves.
@Suite struct TimerTests {
    private let channel = EmbeddedChannel()
    private let limit = TimeAmount.seconds(10)
    private var isOpen: Bool { channel.isActive }

    private func connect() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func serveHTTP() throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(RequestHeadLimit(limit))
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(RequestHeadLimit.Parts())
        try connect()
    }

    private func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
    private func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func aHeadMustBeThereSomeTimeAfterItsFirstByteHoweverManyFollow() throws {
        try serveHTTP()
        pass(60)
        try receive("GET / HTTP/1.1\r\nX: ")
        for _ in 0..<9 {
            pass(1)
            try receive("a")
        }
        #expect(isOpen)
        pass(1)
        #expect(!isOpen)
    }

    @Test func aHeadThatIsCompleteInTimeIsNotCutOffLater() throws {
        try serveHTTP()
        try receive("POST / HTTP/1.1\r\nHost: a\r\n")
        pass(9)
        try receive("Content-Length: 4\r\n\r\n")
        // The body has limits of its own, and so has the time between requests.
        pass(60)
        try receive("ab")
        pass(60)
        try receive("cd")
        pass(60)
        try receive(request)
        pass(60)
        #expect(isOpen)
    }

    @Test func eachHeadHasItsOwnTime() throws {
        try serveHTTP()
        for _ in 0..<5 {
            try receive("GET / HTTP/1.1\r\n")
            pass(9)
            try receive("Host: a\r\n\r\n")
        }
        #expect(isOpen)
        try receive("G")
        pass(10)
        #expect(!isOpen)
    }

    @Test func aHeadThatBeganInThePacketOfTheLastRequestIsCountedFromItsNextByte() throws {
        try serveHTTP()
        try receive(request + "GET /")
        pass(60)
        #expect(isOpen)
        try receive(" ")
        pass(10)
        #expect(!isOpen)
    }

    private func shakeHands() throws {
        try channel.pipeline.syncOperations.addHandler(HandshakeLimit(limit))
        try connect()
    }

    @Test func aHandshakeMustBeDoneInTime() throws {
        try shakeHands()
        pass(9)
        #expect(isOpen)
        pass(1)
        #expect(!isOpen)
    }

    @Test func aHandshakeThatIsDoneIsNotCutOffLater() throws {
        try shakeHands()
        channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
        pass(60)
        // What the server's end means is then for others to say.
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(isOpen)
    }

    @Test func aHandshakeDoesNotHoldUpTheServersEnd() throws {
        try shakeHands()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!isOpen)
    }
}
