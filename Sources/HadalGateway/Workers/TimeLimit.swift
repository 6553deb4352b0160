/// It took longer than it may.
struct TimeLimitPassed: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "it did not end within \(limit)" }
}

/// - Throws: what `work` does; `TimeLimitPassed`.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask(operation: work)
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimeLimitPassed(limit: limit)
        }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
