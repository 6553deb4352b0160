import HadalJSON
import TestSupport

@testable import HadalRouting

/// Clients of one target with members of which one may fail for a time, in steps of 50 ms.
struct DispatchSimulation {
    static let steps = 20

    private struct Call {
        let request: Int
        let attempt: Attempt
        /// In steps.
        let start: Int
        let firstToken: Int
        let end: Int
        let fails: Bool
        var hasAnswered = false
    }

    private final class Request {
        let dispatch: Dispatch
        var isDone = false

        init(_ dispatch: Dispatch) { self.dispatch = dispatch }
    }

    let dispatcher = Dispatcher()
    /// Seconds in which `bad` fails at once.
    let outage: Range<Int>
    /// Calls in each second, by member.
    private(set) var calls: [Int: [String: Int]] = [:]
    private(set) var answered = 0
    private(set) var unanswered = 0
    private var random: SplitMix
    private var running: [Call] = []
    private var requests: [Int: Request] = [:]

    init(seed: UInt64, outage: Range<Int>, settings: TargetSettings) {
        random = SplitMix(state: seed)
        self.outage = outage
        dispatcher.update("t", members: ["bad", "b", "c", "d", "e"].map { Member($0) }, settings: settings)
    }

    static func time(_ step: Int) -> ContinuousClock.Instant {
        RoutingFixtures.start.advanced(by: .milliseconds(50 * step))
    }

    func count(_ name: String) -> Int { dispatcher.status(of: "t", at: Self.time(0))?["counts"]?[name]?.int ?? -1 }

    /// A request in each step, and then until all are done.
    mutating func run(seconds: Int) {
        var step = 0
        while step < seconds * Self.steps || !running.isEmpty {
            finishCalls(step)
            hedge(step)
            if step < seconds * Self.steps {
                let plan = [PlanStep("t", hedgeAfter: .percentile(95))]
                requests[step] = Request(dispatcher.begin(plan, work: Work(tokens: 100)))
                next(step, at: step)
            }
            step += 1
        }
    }

    private mutating func next(_ id: Int, at step: Int) {
        guard let request = requests[id] else { return }
        if let attempt = request.dispatch.next(at: Self.time(step)).attempt {
            start(attempt, id, step)
        } else {
            unanswered += 1
            requests[id] = nil
        }
    }

    private mutating func start(_ attempt: Attempt, _ id: Int, _ step: Int) {
        calls[step / Self.steps, default: [:]][attempt.member, default: 0] += 1
        let fails = attempt.member == "bad" && outage.contains(step / Self.steps)
        // Three in a hundred are slow.
        let wait = Int.random(in: 0..<100, using: &random) < 3 ? 40 : Int.random(in: 1...3, using: &random)
        running.append(
            Call(
                request: id, attempt: attempt, start: step, firstToken: fails ? .max : step + wait,
                end: fails ? step + 1 : step + wait + Int.random(in: 20...60, using: &random), fails: fails))
    }

    private mutating func finishCalls(_ step: Int) {
        let now = Self.time(step)
        for call in running where call.firstToken == step && requests[call.request]?.isDone == false {
            call.attempt.firstToken(at: now)
            requests[call.request]?.isDone = true
            // Whoever else was asked is told to stop.
            for other in running where other.request == call.request && other.attempt !== call.attempt {
                other.attempt.finish(.cancelled, at: now)
            }
            running.removeAll { $0.request == call.request && $0.attempt !== call.attempt }
        }
        let ended = running.filter { $0.end == step }
        running.removeAll { $0.end == step }
        for call in ended {
            call.attempt.finish(call.fails ? .failure : .success, at: now)
            if !call.fails {
                answered += 1
                requests[call.request] = nil
            } else if !running.contains(where: { $0.request == call.request }) {
                next(call.request, at: step)
            }
        }
    }

    private mutating func hedge(_ step: Int) {
        for call in running where requests[call.request]?.isDone == false {
            guard let delay = call.attempt.hedgeAfter,
                Self.time(call.start).advanced(by: delay) <= Self.time(step),
                let attempt = requests[call.request]?.dispatch.hedge(at: Self.time(step))
            else { continue }
            start(attempt, call.request, step)
        }
    }
}
