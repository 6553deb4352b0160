import HadalWire
import Subprocess

/// What a supervisor acts on.
enum SupervisionEvent: Sendable {
    /// A worker takes requests.
    case ready(WorkerProcess, WorkerModel)
    /// It has computed its model's digest.
    case described(WorkerProcess, WorkerModel)
    case overMemory(WorkerProcess)
    case ended(WorkerProcess, Result<TerminationStatus, any Error>)
    /// The wait of this number before a worker is started anew is over.
    case retry(Int)
    /// Somebody asks for a model that is unloaded.
    case demand
    /// It is time to look whether anybody uses the model.
    case idle
    /// An administrator wants another worker.
    case restart
}
