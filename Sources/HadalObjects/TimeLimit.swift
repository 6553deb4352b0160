/// Does it within a time, or cancels it, and returns when it has ended.
/// - Throws: what `body` does, or `TimeIsOver`.
func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimeIsOver(limit: limit)
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}

/// Does it within a time. Where that is over, or the caller is cancelled, the body is cancelled and not waited for: what waits for
/// a disk that does not answer cannot be ended.
/// - Throws: what `body` does, or `TimeIsOver`.
package func orAbandoned<Value: Sendable>(
    after limit: Duration, _ body: @escaping @Sendable () async throws -> Value
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
