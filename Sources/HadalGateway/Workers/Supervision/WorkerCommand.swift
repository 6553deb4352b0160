import HadalSecrets

/// How a worker is started, and what it may take.
struct WorkerCommand: Sendable {
    let executable: String
    let arguments: [String]
    /// What it reads from its standard input, where nobody else can read it.
    let keys: WorkerKeys?
    /// Bytes; nil: as it likes.
    let memoryLimit: Int?
    let startLimit: Duration
    /// How long it may not answer how it is.
    let silenceLimit: Duration

    /// A worker that runs with the same may be used, wherever its socket is.
    static func arguments(of model: ServedModel) -> [String] { [model.reference] + model.workerArguments }

    init(_ model: ServedModel, socket: String, _ configuration: GatewayConfiguration) throws {
        executable = configuration.workerExecutable
        keys = try configuration.encryption.map { encryption in
            try WorkerKeys(encryption.keys, sealsPrefixes: encryption.purposes.contains(.conversations))
        }
        arguments =
            ["worker", model.reference, "--socket", socket, "--supervised"]
            + (keys == nil ? [] : ["--keys-on-stdin"]) + model.workerArguments
        memoryLimit = model.memoryLimit
        startLimit = configuration.workerStartLimit
        silenceLimit = configuration.workerSilenceLimit
    }
}
