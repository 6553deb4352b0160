/// What a request that was let through or waits holds, to be given back at its end.
struct Ticket: Sendable {
    let request: LimitedRequest
    let slots: CounterSlots
    let price: ModelPrice?
    /// What it may need at most.
    let charge: Charge
    /// When that was taken, in µs since 1970.
    let reservedAt: Int
    /// When it was let through.
    var begunAt: Int

    /// For the queue: whose turn it uses.
    var user: String { request.user ?? request.key ?? "" }
}

/// What comes of a request.
enum Attempt: Sendable {
    case admitted(Ticket, RateLimitStatus)
    case refused(LimitRefusal)
    /// All limits have room but those of concurrency.
    case mustWait
    /// The quotas of these scopes must be read first.
    case mustLoad([LimitScope])
}

/// Somebody in the queue.
struct Waiter: Sendable {
    let ticket: Ticket
    let continuation: CheckedContinuation<Attempt, Never>
}

/// A waiter whose waiting is over, to be told once the lock is free.
struct Resumption: Sendable {
    let continuation: CheckedContinuation<Attempt, Never>
    let attempt: Attempt
}
