import NIOPosix

/// Calls that wait for a disk, on threads that may wait.
/// - Throws: what `body` does, or `ObjectError.cancelled` where it has not begun.
package func blocking<Value: Sendable>(
    _ body: @escaping @Sendable () throws(ObjectError) -> Value
) async throws(ObjectError) -> Value {
    do { return try await NIOThreadPool.singleton.runIfActive(body) } catch let error as ObjectError {
        throw error
    } catch {
        throw .cancelled
    }
}
