import HadalHTTP
import HadalWire

extension WorkerFailure {
    /// The failure that any error of a request's way stands for.
    init(any error: any Error) {
        self =
            switch error {
            case let failure as WorkerFailure: failure
            case let error as WireError: WorkerFailure(error)
            case RequestBodyReader.Problem.wire(let error): WorkerFailure(error)
            case RequestBodyReader.Problem.tooLarge(let limit):
                WorkerFailure(.invalidRequest, "the body has more than \(limit) bytes")
            case RequestBodyReader.Problem.tooSlow: WorkerFailure(.invalidRequest, "the body did not come in time")
            case RequestBodyReader.Problem.broken: WorkerFailure(.invalidRequest, "the body is broken off")
            case RequestGate.Refusal.draining: WorkerFailure(.draining, "the worker is stopping")
            case RequestGate.Refusal.full(let limit):
                WorkerFailure(.queueFull, "\(limit) requests are in progress already; try again later")
            case is CancellationError: WorkerFailure(.cancelled, "the worker is stopping")
            default: WorkerFailure(.internal, "\(error)")
            }
    }
}
