import HadalJSON
import HadalWire
import Hummingbird
import NIOCore

/// Reads a JSON body within limits.
public struct RequestBodyReader: Sendable {
    public enum Problem: Error, Sendable {
        case tooLarge(limit: Int)
        case tooSlow(limit: Duration)
        /// It is not what its head says, or ends early.
        case broken
        case wire(WireError)
    }

    /// Bytes.
    public var bytesLimit: Int
    public var depthLimit: Int
    /// From the first byte to the last.
    public var timeLimit: Duration

    public init(bytesLimit: Int, depthLimit: Int = 64, timeLimit: Duration = .seconds(60)) {
        self.bytesLimit = bytesLimit
        self.depthLimit = depthLimit
        self.timeLimit = timeLimit
    }

    /// - Throws: `Problem`.
    public func json(_ request: Request, _ connection: ClientConnection) async throws -> JSON {
        let bytes = try await bytes(request, connection)
        do throws(JSONError) {
            guard bytes.readableBytes > Self.longBytes else { return try parse(bytes) }
            return try await onOtherThreads { () throws(JSONError) in try parse(bytes) }
        } catch {
            throw Problem.wire(.notJSON(error))
        }
    }

    /// - Throws: `Problem`.
    public func bytes(_ request: Request, _ connection: ClientConnection) async throws -> ByteBuffer {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytesLimit {
            throw Problem.tooLarge(limit: bytesLimit)
        }
        do {
            return try await connection.receiving(within: timeLimit, orFail: Problem.tooSlow(limit: timeLimit)) {
                try await request.body.collect(upTo: bytesLimit)
            }
        } catch let problem as Problem {
            throw problem
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: bytesLimit)
        } catch {
            throw Problem.broken
        }
    }

    /// Parsing takes some ten milliseconds from here on.
    private static let longBytes = 1 << 20

    private func parse(_ bytes: ByteBuffer) throws(JSONError) -> JSON {
        try JSON(parsing: bytes.readableBytesView, depthLimit: depthLimit)
    }
}
