/// Some things at a time, for places that are far away.
enum InParallel {
    /// - Returns: what came of each, in order. The first failure ends it, when what was begun has ended.
    static func map<Element: Sendable, Value: Sendable>(
        _ elements: [Element], width: Int,
        _ body: @escaping @Sendable (Element) async throws(BackupError) -> Value
    ) async throws(BackupError) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<Value, BackupError>).self) { group in
            var results: [Int: Result<Value, BackupError>] = [:]
            var hasFailed = false
            for (index, element) in elements.enumerated() {
                if index >= width, let (done, result) = await group.next() {
                    if case .failure = result { hasFailed = true }
                    results[done] = result
                }
                if hasFailed { break }
                group.addTask {
                    do throws(BackupError) { return (index, .success(try await body(element))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for await (done, result) in group { results[done] = result }
            return results
        }
        for case .failure(let error) in results.sorted(by: { $0.key < $1.key }).map(\.value) { throw error }
        var all: [Value] = []
        for index in elements.indices { all.append(try results[index]!.get()) }
        return all
    }
}
