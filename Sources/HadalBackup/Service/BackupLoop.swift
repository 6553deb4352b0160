import Foundation

/// What a service does, one event after the other: a point at each tick, in between a part of what is to be cleared
/// away. Snapshots are prepared beside that, and taken over between two points.
struct BackupLoop {
    typealias Asker = CheckedContinuation<BackupWriter.Report, any Error>

    enum Event: Sendable {
        case tick
        /// Somebody wants a snapshot now.
        case snapshot(Asker)
        /// What is to be the next snapshot was read, or why not.
        case prepared(BackupError?)
        /// What the n-th look for old backups found.
        case toClear(Int, Result<Clearing, BackupError>)
        case end
    }

    private typealias Opened = (repository: BackupRepository, writer: BackupWriter)

    /// Parts of what is to be cleared away that are removed at a tick: few enough for the next one not to wait.
    private static let clearingSteps = 16

    let settings: BackupService.Settings
    let reporting: BackupReporting
    let open: @Sendable () async throws(BackupError) -> BackupRepository
    let goesOn: @Sendable () -> Bool
    /// Gives an event to whom `handle` is called by.
    let tell: @Sendable (Event) -> Void

    private var opened: Opened?
    private var next = Date.distantPast
    private var preparing: Task<Void, Never>?
    private var askers: [Asker] = []
    /// How often it was looked for what is to be cleared away: what was found before a snapshot was begun does not
    /// count.
    private var looks = 0
    private var clearing: Clearing?
    /// Why the last snapshot came to nothing.
    private var snapshotProblem: String?

    init(
        _ settings: BackupService.Settings, _ reporting: BackupReporting, goesOn: @escaping @Sendable () -> Bool,
        open: @escaping @Sendable () async throws(BackupError) -> BackupRepository,
        tell: @escaping @Sendable (Event) -> Void
    ) {
        (self.settings, self.reporting, self.goesOn, self.open, self.tell) = (settings, reporting, goesOn, open, tell)
    }

    mutating func handle(_ event: Event) async {
        switch event {
        case .tick:
            guard await point() else { return }
            if Date() >= next { await prepare() }
            await clear()
        case .snapshot(let asker):
            askers.append(asker)
            await prepare()
        case .prepared(let error):
            preparing = nil
            await adopt(error)
        case .toClear(let look, let result):
            guard look == looks else { return }
            switch result {
            case .success(let found): clearing = found
            case .failure(let error): reporting.notCleared("\(error)")
            }
        case .end:
            await stop()
            // What was written since the last tick, by requests that have just been finished.
            _ = await point()
        }
    }

    /// Ends what goes on beside, once `goesOn` says no.
    mutating func stop() async {
        await preparing?.value
        answer(.failure(BackupError.ended))
    }

    private mutating func writer() async throws(BackupError) -> BackupWriter {
        if let opened { return opened.writer }
        let repository = try await open()
        let writer = try BackupWriter(repository, settings.writer)
        opened = (repository, writer)
        return writer
    }

    // MARK: - Points

    /// - Returns: whether the place could be written to.
    private mutating func point() async -> Bool {
        let begun = Date()
        do throws(BackupError) {
            let writer = try await writer()
            guard try await writer.goOn() else { return true }
            let outcome = try await writer.point(while: goesOn)
            if case .written(let report) = outcome { reporting.wrote(report) }
            // A file that could not be read is not in it.
            if outcome.problems.isEmpty { reporting.change { $0.safeUntil = begun } }
            reporting.set(
                problems: outcome.problems
                    + [snapshotProblem, await writer.clockProblem, await writer.lostEnd].compactMap { $0 })
            return true
        } catch {
            failed("\(error)")
            return false
        }
    }

    private func failed(_ problem: String) {
        reporting.set(problems: [problem])
        reporting.change { $0.failures += 1 }
    }

    // MARK: - Snapshots

    private mutating func prepare() async {
        guard preparing == nil else { return }
        let writer: BackupWriter
        do throws(BackupError) { writer = try await self.writer() } catch {
            failed("\(error)")
            return answer(.failure(error))
        }
        // What it builds upon is not cleared away meanwhile.
        (looks, clearing) = (looks + 1, nil)
        preparing = Task { [goesOn, tell] in
            do throws(BackupError) {
                try await writer.prepare(while: goesOn)
                tell(.prepared(nil))
            } catch { tell(.prepared(error)) }
        }
    }

    private mutating func adopt(_ error: BackupError?) async {
        do throws(BackupError) {
            if let error { throw error }
            let report = try await writer().adopt()
            snapshotProblem = nil
            reporting.wrote(report)
            next = settings.snapshotAt.next(after: Date())
            reporting.change { [next] in $0.nextSnapshot = next }
            _ = await point()
            answer(.success(report))
            lookForOld()
        } catch {
            answer(.failure(error))
            guard error != .ended else { return }
            snapshotProblem = "\(error)"
            failed("\(error)")
        }
    }

    private mutating func answer(_ result: Result<BackupWriter.Report, any Error>) {
        for asker in askers { asker.resume(with: result) }
        askers = []
    }

    // MARK: - Clearing

    private mutating func lookForOld() {
        guard let repository = opened?.repository else { return }
        looks += 1
        Task { [settings, tell, looks] in
            do throws(BackupError) {
                let found = try await repository.clearing(settings.retention, owner: settings.owner)
                tell(.toClear(looks, .success(found)))
            } catch { tell(.toClear(looks, .failure(error))) }
        }
    }

    /// Never beside a point or a snapshot.
    private mutating func clear() async {
        guard preparing == nil, var now = clearing else { return }
        clearing = nil
        do throws(BackupError) {
            for _ in 0..<Self.clearingSteps {
                guard try await now.step() else {
                    reporting.cleared(now)
                    for problem in now.problems { reporting.notCleared(problem) }
                    return
                }
            }
            clearing = now
        } catch { reporting.notCleared("\(error)") }
    }
}
