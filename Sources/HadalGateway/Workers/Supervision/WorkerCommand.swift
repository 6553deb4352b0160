import HadalSecrets
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

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

    var path: FilePath { FilePath(executable) }

    var platform: PlatformOptions {
        var platform = PlatformOptions()
        // Ctrl-C in the terminal is for the gateway, which drains before it ends its workers.
        platform.processGroupID = 0
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(10))]
        return platform
    }
}
