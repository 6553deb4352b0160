/// It took too long, and was cancelled.
struct TimeLimitPassed: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "it takes longer than \(limit.components.seconds) seconds" }
}

/// Does it within a time, or cancels it.
/// - Throws: what it throws; `TimeLimitPassed`.
func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimeLimitPassed(limit: limit)
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}
