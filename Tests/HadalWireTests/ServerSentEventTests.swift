import HadalWire
import Testing

@Suite struct ServerSentEventTests {
    private static let stream =
        "\u{FEFF}data: one\n\nevent: delta\r\ndata: two\r\ndata:three\r\n\r\n: a comment\nid: 7\ndata\n\nevent: nothing\n\ndata: 深度\u{2028}求索\r\rdata: unfinished"
    private static let events = [
        ServerSentEvent(data: "one"), ServerSentEvent(name: "delta", data: "two\nthree"), ServerSentEvent(data: ""),
        ServerSentEvent(data: "深度\u{2028}求索"),
    ]

    @Test func anyCutGivesTheSameEvents() throws {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            var parser = ServerSentEventParser()
            let events = try parser.feed(bytes[..<cut]) + parser.feed(bytes[cut...])
            #expect(events == Self.events, "cut at \(cut)")
        }
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for byte in bytes { events += try parser.feed([byte]) }
        #expect(events == Self.events)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        for event in Self.events + [ServerSentEvent(name: "x", data: "a\nb\n\nc"), .done] {
            var parser = ServerSentEventParser()
            #expect(try parser.feed(Array(event.text.utf8)) == [event])
        }
    }

    @Test func anEndlessEventIsAnError() {
        var parser = ServerSentEventParser(eventBytesLimit: 100)
        #expect(throws: WireError.self) {
            for _ in 0..<30 { _ = try parser.feed(Array("data: xxxx\n".utf8)) }
        }
    }

    @Test func invalidUTF8IsAnError() {
        var parser = ServerSentEventParser()
        #expect(throws: WireError.self) { try parser.feed([0x64, 0x61, 0x74, 0x61, 0x3A, 0xFF, 0x0A, 0x0A]) }
    }
}
