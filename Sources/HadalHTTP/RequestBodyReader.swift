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

    public func json(_ request: Request) async throws -> JSON {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bytesLimit {
            throw Problem.tooLarge(limit: bytesLimit)
        }
        let bytes = try await collect(request.body)
        do throws(JSONError) {
            return try JSON(parsing: bytes.readableBytesView, depthLimit: depthLimit)
        } catch {
            throw Problem.wire(.notJSON(error))
        }
    }

    private func collect(_ body: RequestBody) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask {
                do {
                    return try await body.collect(upTo: bytesLimit)
                } catch is NIOTooManyBytesError {
                    throw Problem.tooLarge(limit: bytesLimit)
                } catch {
                    throw Problem.broken
                }
            }
            group.addTask {
                try await Task.sleep(for: timeLimit)
                throw Problem.tooSlow(limit: timeLimit)
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }
}
