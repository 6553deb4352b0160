/// Does it within a time. Where that is over the body is cancelled, and not waited for: what waits for a disk that does
/// not answer cannot be ended.
/// - Throws: what `body` does, or `TimeIsOver`.
package func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let (answers, told) = AsyncThrowingStream<Value, any Error>.makeStream()
    let work = Task {
        do {
            told.yield(try await body())
            told.finish()
        } catch { told.finish(throwing: error) }
    }
    let clock = Task {
        try await Task.sleep(for: limit)
        told.finish(throwing: TimeIsOver(limit: limit))
    }
    defer {
        work.cancel()
        clock.cancel()
    }
    for try await answer in answers { return answer }
    throw CancellationError()
}

package struct TimeIsOver: Error, CustomStringConvertible {
    let limit: Duration

    package var description: String { "it takes longer than \(limit.components.seconds) seconds" }
}
