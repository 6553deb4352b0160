import Foundation
import Synchronization

@testable import HadalAccess

/// A clock that stands still until a test moves it.
final class StandingClock: Sendable {
    private struct Sleeper {
        var id: Int
        var end: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        /// In µs since 1970.
        var now: Int
        var lastID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// - Parameter text: `2026-11-30 23:59:59`, UTC.
    init(_ text: String = "2026-11-10 12:00:00") throws {
        let parts = text.split(separator: " ")
        let time = parts[1].split(separator: ":").compactMap { Int($0) }
        let day = try UTCDay(parsing: String(parts[0]))
        state = Mutex(State(now: day.start + ((time[0] * 60 + time[1]) * 60 + time[2]) * 1_000_000))
    }

    var limitClock: LimitClock {
        LimitClock(now: { self.date }, sleep: { try await self.sleep($0) })
    }

    var date: Date { Date(timeIntervalSince1970: Double(state.withLock(\.now)) / 1_000_000) }
    var moment: Moment { Moment(now: state.withLock(\.now)) }
    var sleepers: Int { state.withLock(\.sleepers.count) }

    func move(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let due = state.withLock { state in
            state.now += Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
            let due = state.sleepers.filter { $0.end <= state.now }
            state.sleepers.removeAll { $0.end <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let (seconds, attoseconds) = duration.components
        let length = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers.append(Sleeper(id: id, end: state.now + length, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil as Sleeper?
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Lets other tasks run until something is so.
func until(_ isSo: () -> Bool) async throws {
    for _ in 0..<100_000 where !isSo() { await Task.yield() }
    if !isSo() { throw NeverSo() }
}

struct NeverSo: Error {}

extension LimitedRequest {
    static func of(
        key: String? = "key:k", user: String? = "user:u", tenant: String = "default", model: String = "m",
        prompt: Int = 10, answer: Int? = 0
    ) -> LimitedRequest {
        LimitedRequest(
            key: key, user: user, tenant: tenant, model: model, promptTokens: prompt, maximumAnswerTokens: answer)
    }
}

extension LimitConfiguration {
    /// Those limits and no others.
    static func only(
        _ defaults: [LimitScope.Kind: Limits], wait: Duration = .zero,
        _ change: (inout LimitConfiguration) -> Void = { _ in }
    ) -> LimitConfiguration {
        var configuration = LimitConfiguration()
        configuration.defaults = defaults
        configuration.maximumWait = wait
        change(&configuration)
        return configuration
    }
}

extension Limiter {
    convenience init(
        _ configuration: LimitConfiguration, _ clock: StandingClock, overrides: [LimitOverride] = [], data: URL? = nil
    ) throws {
        try self.init(
            configuration, overrides: overrides, store: try UsageStore(data: data), clock: clock.limitClock)
    }

    /// nil: it is let through.
    func refusal(_ request: LimitedRequest) async -> LimitRefusal? {
        do {
            try await admit(request).finish(promptTokens: 0, answerTokens: 0)
            return nil
        } catch {
            return error
        }
    }
}

extension LimiterState {
    /// Of a request that is let through.
    mutating func ticket(_ request: LimitedRequest, _ moment: Moment) -> Ticket? {
        if case .admitted(let ticket, _) = attempt(request, moment) { ticket } else { nil }
    }
}
