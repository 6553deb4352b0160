import Foundation
import HadalAccess
import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalNVML
import HadalRouting
import HadalUpstreams
import HadalWire
import Logging
import ServiceLifecycle

/// Where to listen: `HOST:PORT`, `[IPV6]:PORT`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    /// 0: any free one.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public init(parsing text: String) throws(GatewayError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw .badAddress(text)
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .badAddress(text)
        }
        guard !host.isEmpty else { throw .badAddress(text) }
        self.init(host: String(host), port: Int(port))
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { ListenAddress.isLoopback(host: host) }

    static func isLoopback(host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A model to serve under a name.
public struct ServedModel: Sendable, Hashable {
    public var name: String
    /// MODEL as a worker takes it.
    public var reference: String
    /// Further arguments for its worker.
    public var workerArguments: [String] = []
    /// The socket of a worker that runs already; nil: the gateway starts one.
    package var socket: String?
    /// Bytes of memory that its worker may take; nil: as it likes.
    public var memoryLimit: Int?
    /// Its worker is stopped when nobody used it for so long; nil: never.
    public var idleUnload: Duration?
    /// Those of its replicas.
    package var furtherSockets: [String] = []
    /// Workers that the gateway starts for it.
    public var replicas = 1
    /// Where a worker on another machine is called, which nobody here starts.
    public var worker: URL?
    /// Other servers that serve it, each all of it.
    public var upstreams: [UpstreamSettings] = []

    public init(name: String, reference: String) {
        self.name = name
        self.reference = reference
    }

    /// `MODEL`, named after its file or directory (`r1` for `r1.gguf` and `r1.gguf.enc`), `NAME=MODEL` or `NAME=https://HOST:PORT`.
    public init(parsing text: String) {
        if let equals = text.firstIndex(of: "="), !text[..<equals].contains("/"), equals > text.startIndex {
            self.init(name: String(text[..<equals]), reference: String(text[text.index(after: equals)...]))
            worker = ServedModel.workerURL(reference)
            return
        }
        if let url = ServedModel.workerURL(text) {
            self.init(name: "", worker: url)
            return
        }
        let last = URL(fileURLWithPath: text).standardizedFileURL.lastPathComponent
        let suffix = [".gguf", ".gguf.enc"].first { last.hasSuffix($0) }
        self.init(name: String(last.dropLast(suffix?.count ?? 0)), reference: text)
    }
}

/// All a gateway needs to know.
public struct GatewayConfiguration: Sendable {
    public var listen = ListenAddress(host: "127.0.0.1", port: 8000)
    public var models: [ServedModel]
    /// Listens on an address that others can reach although nothing protects it.
    public var isInsecure = false
    /// Names that a request's `Host` may have on loopback, beside `localhost` and addresses: those of a proxy before this
    /// server. They keep pages of other sites, whose names can be made to mean 127.0.0.1, from using it.
    public var allowedHosts: Set<String> = []

    /// The program that has `worker MODEL --socket PATH --supervised`.
    public var workerExecutable = "/proc/self/exe"
    /// Loading a large model takes minutes.
    public var workerStartLimit: Duration = .seconds(1800)
    /// How long a worker may be away until nobody waits for it any more.
    public var workerWait: Duration = .seconds(120)
    /// How long a worker may not answer how it is until it is ended and started anew.
    public var workerSilenceLimit: Duration = .seconds(60)
    /// What this gateway shows to workers on other machines, and whom it trusts; needed where `models` has one.
    public var workerCertificates: WorkerCertificates?
    /// Directory for the workers' sockets; nil: a private one that goes when the gateway ends.
    public var runtimeDirectory: String?

    /// Where files, batches and variants of models are kept; nil: there are no files and batches, and variants end with the
    /// process.
    public var dataDirectory: String?
    /// Where pulled models are kept; nil: nobody looks at its disk.
    public var modelsDirectory: String?
    /// nil: everything is kept in plain, and nothing encrypted can be read.
    public var encryption: EncryptionAtRest?

    /// When batches run; empty: always.
    public var batchWindows: [TimeWindow] = []

    public var access = AccessSettings()
    /// Names that stand for one model or another.
    public var routes = RouteTable.empty
    /// When one of a target's workers is left out because it does worse than the others.
    public var outlierEjection = OutlierEjectionSettings()
    /// Names behind which versions take each other's place; others are made while the server runs.
    public var deployments: [ConfiguredDeployment] = []
    /// Arguments for the workers of versions, beside what a version says itself.
    public var engineArguments: [String] = []
    /// How long a version that is taken away may go on with what it computes.
    public var drainLimit: Duration = .seconds(300)
    /// Sockets of workers that run already, by what versions call their models.
    package var runningWorkers: [String: String] = [:]
    public var content = ContentConfiguration()
    /// The program's, for those who watch it.
    public var version: String?
    /// nil: nothing is recorded.
    public var audit: AuditTrailConfiguration?
    /// nil: nothing is backed up.
    public var backup: (any BackupKeeper)?
    /// nil: the model store is not verified.
    public var store: (any StoreKeeper)?
    /// nil: there are no figures of GPUs.
    public var gpus: GPUMonitor?
    /// Makes what looks at the metrics, of what gives their text; nil: nobody does.
    public var alerts:
        (
            @Sendable (_ metrics: @escaping @Sendable () async -> String, _ healing: ServerHealing) throws
                -> any AlertKeeper
        )?
    /// What sends spans to a collector; nil: nobody traces.
    public var traces: (any Service)?
    /// nil: plain HTTP.
    public var tls: ServerTLS?
    /// Of the HTTP server itself.
    public var connections = HTTPServer.Limits()
    /// Where the configuration comes from, so that it can be read again.
    public var watch: ConfigurationWatch?

    public var bodyBytesLimit = 16 << 20
    /// From a body's first byte to its last.
    public var bodyTimeLimit: Duration = .seconds(60)
    /// Requests at the same time, the waiting ones included.
    public var requestsLimit = 1024
    /// How long a request may wait in a worker's queue to be begun; nil: as long as it takes.
    public var startSecondsMax: Double?
    /// Between two signs of life on a stream where nothing happens, such as while its request waits.
    public var keepAlive: Duration = .seconds(10)
    /// How long an answer with an `Idempotency-Key` goes on when its client is gone, and is kept when it is over; zero: the
    /// header means nothing.
    public var resume: Duration = .seconds(60)
    /// How long running answers may go on after the signal to stop.
    public var grace: Duration = .seconds(30)
    /// How long they may go on when another process has taken this one's place.
    public var handover: Duration = .seconds(600)
    /// Stops when signalled (SIGTERM, SIGINT).
    public var handlesSignals = true
    public var logger: Logger

    /// Called while a worker loads its model, with the model's name and 0 to 1.
    public var onLoading: @Sendable (String, Double) -> Void = { _, _ in }
    /// Called once connections are accepted, with the port.
    public var onListening: @Sendable (ListenAddress) -> Void = { _ in }
    /// Called once all models are ready, or others answer for them, with what workers tell of those that are, in the
    /// order of `models`.
    public var onReady: @Sendable (ListenAddress, [(name: String, model: WorkerModel)]) -> Void = { _, _ in }
    /// Called once a configuration that was read again counts.
    public var onReload: @Sendable (HadalSettings) -> Void = { _ in }

    public init(models: [ServedModel], logger: Logger = Logger(label: "hadal")) {
        self.models = models
        self.logger = logger
    }

    /// - Throws: `GatewayError` that says what to do about it.
    public func validate() throws(GatewayError) {
        guard !models.isEmpty else { throw .noModel }
        var names: Set<String> = []
        for model in models {
            try model.checkWorker()
            guard names.insert(model.name).inserted else { throw .sameName(model.name) }
        }
    }
}
