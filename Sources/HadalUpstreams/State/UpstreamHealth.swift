import HadalWire

/// Whether an upstream is asked: what became of requests (passive), and of questions that are only asked to see
/// (active).
///
/// After three losses in a row, or after one question that was only to see, it is left alone for a while, twice as long
/// each time. Then one request at a time may try it; one success makes it healthy.
public struct UpstreamHealth: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// It answered, be it that the request was wrong.
        case answered
        /// It takes no more for now, for so many seconds where it says so.
        case overloaded(retrySeconds: Int?)
        /// It was lost, failed, or refuses us.
        case failed(String)
    }

    public enum State: Sendable, Hashable {
        case healthy
        /// Left alone until then.
        case resting(until: ContinuousClock.Instant)
        /// One request may find out.
        case trying
    }

    public static let failuresMax = 3
    static let restFirst: Duration = .seconds(1)
    static let restLongest: Duration = .seconds(60)

    public private(set) var failures = 0
    /// Why it was left alone last; nil while it is healthy.
    public private(set) var problem: String?
    private var until: ContinuousClock.Instant?
    private var rest = restFirst
    private var isTried = false
    private var isRestOfCheck = false

    public init() {}

    public func state(at now: ContinuousClock.Instant) -> State {
        guard let until else { return .healthy }
        return now < until ? .resting(until: until) : .trying
    }

    /// To be asked before each request, of which the outcome is recorded then.
    /// - Throws: `draining` with the time after which to try again.
    public mutating func admit(_ name: String, at now: ContinuousClock.Instant) throws(WorkerFailure) {
        guard let until else { return }
        if now >= until, !isTried {
            isTried = true
            return
        }
        let seconds = now < until ? Int(((until - now) / .seconds(1)).rounded(.up)) : 1
        let reason = problem.map { ": \($0)" } ?? ""
        throw WorkerFailure(.draining, "\(name) is left alone for now\(reason)", retrySeconds: max(seconds, 1))
    }

    /// - Parameter isCheck: whether it was asked only to see.
    public mutating func record(_ outcome: Outcome, isCheck: Bool = false, at now: ContinuousClock.Instant) {
        if !isCheck { isTried = false }
        switch outcome {
        case .answered:
            // A server that lists its models may still fail to answer: a rest that requests began ends with a request.
            if !isCheck || isRestOfCheck { self = UpstreamHealth() }
        case .overloaded(let seconds):
            guard let seconds, seconds > 0 else { return }
            problem = "it takes no more"
            isRestOfCheck = isCheck && (until == nil || isRestOfCheck)
            until = max(until ?? now, now + .seconds(min(seconds, 60)))
        case .failed(let text):
            problem = text
            failures += 1
            guard isCheck || failures >= Self.failuresMax || until != nil else { return }
            isRestOfCheck = isCheck && (until == nil || isRestOfCheck)
            until = now + rest
            rest = min(rest * 2, Self.restLongest)
        }
    }

    /// The request was given up by who asked: it says nothing.
    public mutating func forget() { isTried = false }
}

extension UpstreamHealth.Outcome {
    /// What an error of a request says of the upstream; nil: nothing, since it was given up here.
    public init?(_ error: any Error) {
        switch error {
        case let failure as WorkerFailure:
            switch failure.code {
            case .queueFull: self = .overloaded(retrySeconds: failure.retrySeconds)
            case .draining: self = .overloaded(retrySeconds: failure.retrySeconds ?? 1)
            case .internal, .cancelled, .deadlineExceeded, .forbidden, .notFound, .busy: self = .failed(failure.message)
            case .invalidRequest, .contextLengthExceeded, .unsupported: self = .answered
            }
        case let error as UpstreamError: self = .failed("\(error)")
        default: return nil
        }
    }
}
