import NIOPosix

/// Calls that wait for a disk or compute a hash, on threads that may wait.
func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(body)
}
