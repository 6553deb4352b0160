import HadalWire
import Synchronization

/// What is known of a model's worker that is started here, and what its supervisor may be asked.
final class WorkerControl: Sendable {
    enum State: String, Sendable {
        /// It loads its model, or warms up.
        case starting
        case ready
        /// Beside the worker that answers, another one loads.
        case replacing
        /// It ends, and the next one is started then.
        case draining
        /// It ended, and the next one is started after a wait.
        case waiting
        case unloaded
    }

    struct Status: Sendable {
        var state = State.starting
        /// The one that answers, or is to.
        var process: WorkerProcess?
        /// Starts after the first, those by demand not among them.
        var restarts = 0
        var lastCrash: LastCrash?
    }

    struct LastCrash: Sendable {
        /// Of its report; nil where none could be written.
        var name: String?
        var report: CrashReport
    }

    /// What another gateway leaves.
    enum Inheritance: Sendable {
        case running(WorkerChild, socket: String)
        case unloaded(WorkerModel)

        /// What nobody wants.
        func end() {
            if case .running(let child, _) = self { child.terminate(within: .seconds(10)) }
        }
    }

    /// What its supervisor begins with; nil: it starts a worker.
    let inheritance: Inheritance?
    /// Where the worker that answers is reached.
    let socket: CurrentSocket
    let events: AsyncStream<SupervisionEvent>
    let tell: @Sendable (SupervisionEvent) -> Void
    private let current = Mutex(Status())

    init(socket: String, inheritance: Inheritance? = nil) {
        self.inheritance = inheritance
        self.socket = CurrentSocket(socket)
        let (events, continuation) = AsyncStream<SupervisionEvent>.makeStream()
        self.events = events
        tell = { continuation.yield($0) }
    }

    var status: Status { current.withLock { $0 } }

    func change(_ body: @Sendable (inout Status) -> Void) { current.withLock { body(&$0) } }
}
