import Foundation
import Testing

@testable import HadalGateway

/// What a process that has ended has left in its pipes.
@Suite(.timeLimit(.minutes(15))) struct PipeReaderTests {
    /// A pipe with so many bytes in it.
    private static func pipe(_ count: Int, isClosed: Bool) throws -> (read: Int32, write: Int32, bytes: [UInt8]) {
        let pipe = try #require(try Descriptor.pipes(1).first)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(bytes.withUnsafeBytes { write(pipe.write, $0.baseAddress, count) } == count)
        if isClosed { close(pipe.write) }
        return (pipe.read, pipe.write, bytes)
    }

    @Test(arguments: [1, 16_384, 40_000]) func whatWasWrittenBeforeTheEndIsRead(count: Int) async throws {
        let pipe = try Self.pipe(count, isClosed: true)
        defer { close(pipe.read) }
        let reader = PipeReader(pipe.read)
        var got: [UInt8] = []
        for await part in reader.parts { got += part }
        #expect(got == pipe.bytes)
    }

    @Test func whatComesAfterAStopIsLeft() async throws {
        let pipe = try Self.pipe(10, isClosed: false)
        defer { for end in [pipe.read, pipe.write] { close(end) } }
        let reader = PipeReader(pipe.read)
        var parts = reader.parts.makeAsyncIterator()
        #expect(await parts.next() == pipe.bytes)
        reader.stop()
        #expect(await parts.next() == nil)
        var more: [UInt8] = [7]
        #expect(write(pipe.write, more, 1) == 1)
        more = [0, 0]
        #expect(read(pipe.read, &more, 2) == 1 && more == [7, 0])
    }
}
