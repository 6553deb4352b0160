import HadalAccess
import HadalHTTP
import HadalReleases
import HadalWire
import Subprocess

/// Why the gateway refuses a request, or cannot run.
public enum GatewayError: Error, Sendable, CustomStringConvertible {
    // Requests
    case noRoute(path: String)
    case methodNotAllowed(method: String, path: String, allowed: [String])
    case hostNotAllowed(String)
    case notJSONType(String?)
    case noSuchModel(String, known: [String])
    /// A response, file or batch that is not there.
    /// - field: the request's, where the name stands in its body.
    case noSuch(String, String, field: String?)
    case notAbleTo(model: String, ability: WorkerModel.Ability)
    case notReady(model: String)
    /// A version of a release that is asked for by its number.
    case versionNotUp(String, number: Int)
    case workerLost(model: String)
    /// It gave no token within what its route allows.
    case tooSlow(model: String, limit: Duration)
    /// A variant whose model is not there.
    case baseNotServed(String, base: String)
    /// What the server was started with cannot be replaced or deleted.
    case modelIsServed(String, field: String)
    case tooManyVariants(limit: Int)
    /// A model cannot be got through this server.
    case nothingToPull(String)
    /// Models cannot be given away through this server.
    case noModelStore
    /// Nothing is kept, because no directory for it was given.
    case noDataDirectory
    /// What is stored of a file cannot be given out; `problem` names the place on disk.
    case contentUnreadable(String, problem: String)
    case batchEnded(String, status: BatchObject.Status)
    case draining
    case busy(limit: Int)
    /// Of low priority, while an alert wants less to do.
    case shed(model: String)
    /// There is no answer without a record.
    case notRecorded
    case badIdempotencyKey(limit: Int)
    case idempotencyKeyUsed
    case badLastEventID(String)

    // Configuration and start
    case wideAddress(String)
    case badAddress(String)
    case noModel
    case sameName(String)
    /// A worker on another machine needs a name, `https` and nothing after the port.
    case badWorker(String, problem: String)
    case noWorkerCertificates
    case workerFailed(model: String, status: TerminationStatus)
    case workerTooSlow(model: String, limit: Duration)
    case workerOverMemory(model: String, limit: Int)
    case dataDirectory(path: String, problem: String)
    case stateUnreadable(path: String, problem: String)
    /// An encrypted file, and no keys to read it.
    case needsKeys(path: String)
    case runtimeDirectory(path: String, problem: String)

    public var description: String {
        switch self {
        case .noRoute(let path): "there is nothing at \(path)"
        case .methodNotAllowed(let method, let path, let allowed):
            "\(path) takes \(allowed.joined(separator: " or ")), not \(method)"
        case .hostNotAllowed(let host):
            "the host name \"\(host)\" is not one of this server's; a page of another site may be behind this request"
        case .notJSONType(let type):
            "the content type must be application/json" + (type.map { ", not \($0)" } ?? "")
        case .noSuchModel(let name, let known):
            "the model \"\(name)\" does not exist here; there is \(known.map { "\"\($0)\"" }.joined(separator: ", "))"
        case .noSuch(let kind, let id, _): "there is no \(kind) \"\(id)\" here, or it is gone by now"
        case .notAbleTo(let model, let ability):
            switch ability {
            case .chat: "\"\(model)\" has no chat template: it is a base model; use /v1/completions"
            case .completion: "\"\(model)\" does not complete text; use /v1/embeddings"
            case .infill:
                "\"\(model)\" has no tokens for filling gaps (fill in the middle); leave out the suffix"
            case .embedding: "\"\(model)\" is no embedding model"
            }
        case .notReady(let model): "\"\(model)\" is starting; try again in a moment"
        case .versionNotUp(let alias, let number):
            "version \(number) of \"\(alias)\" is not up: 'hadal deployments show \(alias)' tells which versions are; "
                + "'hadal releases start \(alias) \(number) --kind blue-green --no-switch' brings one up beside them"
        case .workerLost(let model): "the worker of \"\(model)\" ended before the answer was complete; try again"
        case .tooSlow(let model, let limit): "\"\(model)\" gave no token within \(limit); try again"
        case .badIdempotencyKey(let limit):
            "Idempotency-Key must be 1 to \(limit) letters, digits and marks without spaces"
        case .idempotencyKeyUsed: "something else was asked with this Idempotency-Key; use a new one for each request"
        case .badLastEventID(let text): "Last-Event-ID is the number of an event, not '\(text.prefix(40))'"
        case .baseNotServed(let name, let base):
            "\"\(name)\" is made from \"\(base)\", which this server was not started with"
        case .modelIsServed(let name, _):
            "the server was started with \"\(name)\", which cannot be replaced or deleted; only what is made from such models can"
        case .tooManyVariants(let limit): "there are \(limit) variants of models already; delete one first"
        case .nothingToPull(let name):
            "\"\(name)\" cannot be fetched by a server: hadal pull fetches models, and hadal serve is told of them when it is started"
        case .noModelStore:
            "models cannot be pushed to a hub; hadal pull fetches them, and hadal serve is told of them when it is started"
        case .noDataDirectory: "files and batches need a place to be kept: start the server with --data DIR"
        case .contentUnreadable(let id, let problem): "the file \"\(id)\" cannot be given out: \(problem)"
        case .batchEnded(let id, let status): "the batch \"\(id)\" is \(status.rawValue) already"
        case .draining: "the server is shutting down"
        case .notRecorded:
            "this server records what models are asked, and cannot at present; its log says why"
        case .busy(let limit): "\(limit) requests are in progress already; try again later"
        case .shed(let model):
            "\"\(model)\" has too much to do for requests of low priority; try again later, or with a normal priority"
        case .wideAddress(let address):
            "\(address) can be reached from other machines, and there is no key to protect it; listen on 127.0.0.1, or take the risk with --insecure"
        case .badAddress(let text): "'\(text)' is no address: write HOST:PORT, for example 127.0.0.1:8000"
        case .noModel: "no model to serve: name at least one"
        case .sameName(let name): "two models have the name '\(name)'; give one another with NAME=MODEL"
        case .badWorker(let url, let problem): "the worker \(url) cannot be used: \(problem)"
        case .noWorkerCertificates:
            "workers on other machines need a certificate that shows them who asks: set workers.certificates"
        case .workerFailed(let model, let status):
            switch status {
            case .exited(let code): "the worker of '\(model)' could not start (exit code \(code)); it says why above"
            case .signaled(let signal): "the worker of '\(model)' was ended by signal \(signal) while it started"
            }
        case .workerTooSlow(let model, let limit): "the worker of '\(model)' was not ready within \(limit)"
        case .workerOverMemory(let model, let limit):
            "the worker of '\(model)' needs more memory than its memory_limit of \(limit) bytes; give it more, or less to "
                + "keep (engine.kv_cache, engine.context)"
        case .dataDirectory(let path, let problem): "the data directory \(path) cannot be used: \(problem)"
        case .stateUnreadable(let path, let problem):
            "\(path) cannot be read: \(problem); move it away to start without it"
        case .needsKeys(let path):
            "\(path) is encrypted; configure the key service that it was written with (secrets.service, "
                + "docs/data-at-rest.md): secrets.encrypt may be empty, and then what is new is written in plain"
        case .runtimeDirectory(let path, let problem): "no directory for sockets in \(path): \(problem)"
        }
    }

    /// What a client gets to read.
    var errorObject: ErrorObject {
        switch self {
        case .noRoute: .invalidRequest(description, code: "not_found", status: 404)
        case .methodNotAllowed: .invalidRequest(description, code: "method_not_allowed", status: 405)
        case .hostNotAllowed: .invalidRequest(description, code: "host_not_allowed", status: 421)
        case .notJSONType: .invalidRequest(description, code: "unsupported_media_type", status: 415)
        case .noSuchModel: .invalidRequest(description, field: "model", code: "model_not_found", status: 404)
        case .noSuch(_, _, let field): .invalidRequest(description, field: field, code: "not_found", status: 404)
        case .notAbleTo: .invalidRequest(description, field: "model", code: "unsupported")
        case .notReady: .unavailable(description, code: "model_not_ready")
        case .versionNotUp: .invalidRequest(description, field: "model", code: "version_not_up", status: 409)
        case .workerLost: .server(description, code: "worker_lost", status: 502)
        case .tooSlow: .unavailable(description, code: "model_too_slow")
        case .baseNotServed: .invalidRequest(description, field: "model", code: "model_not_found", status: 404)
        case .modelIsServed(_, let field): .invalidRequest(description, field: field, code: "model_is_served")
        case .tooManyVariants: .invalidRequest(description, code: "too_many_variants")
        case .nothingToPull: .invalidRequest(description, field: "model", code: "model_not_found", status: 404)
        case .noModelStore: .invalidRequest(description, code: "not_implemented", status: 501)
        case .noDataDirectory: .invalidRequest(description, code: "not_implemented", status: 501)
        case .contentUnreadable(let id, _):
            .server(
                "what is stored of the file \"\(id)\" is not what was written; the server's log says more",
                code: "file_unreadable")
        case .batchEnded: .invalidRequest(description, code: "batch_ended", status: 409)
        case .draining: .unavailable(description, code: "draining")
        case .badIdempotencyKey: .invalidRequest(description, field: "Idempotency-Key", code: "bad_idempotency_key")
        case .idempotencyKeyUsed: .invalidRequest(description, code: "idempotency_key_used", status: 422)
        case .badLastEventID: .invalidRequest(description, field: "Last-Event-ID", code: "bad_last_event_id")
        case .notRecorded: .unavailable(description, code: "audit_unavailable")
        case .busy:
            ErrorObject(status: 429, type: "rate_limit_error", code: "queue_full", message: description)
        case .shed:
            ErrorObject(
                status: 503, type: "service_unavailable_error", code: "low_priority_refused", message: description,
                retrySeconds: 30)
        default: .server(description, code: "internal")
        }
    }
}

extension ErrorObject {
    /// What any error of a request's way is to its client. Details of our own failures stay in the log.
    init(any error: any Error) {
        self =
            switch error {
            case let error as ErrorObject: error
            case let error as GatewayError: error.errorObject
            case let error as WireError: ErrorObject(error)
            case let error as AccessError: ErrorObject(error)
            case let problem as AccessProblem: ErrorObject(problem)
            case let refusal as LimitRefusal: ErrorObject(refusal)
            case let error as ReleaseError: ErrorObject(error)
            case let failure as WorkerFailure: ErrorObject(failure)
            case let refusal as ContentRefusal: refusal.errorObject
            case RequestBodyReader.Problem.wire(let error): ErrorObject(error)
            case RequestBodyReader.Problem.tooLarge(let limit):
                .invalidRequest("the body has more than \(limit) bytes", code: "body_too_large", status: 413)
            case RequestBodyReader.Problem.tooSlow(let limit):
                .invalidRequest("the body did not come within \(limit)", code: "body_too_slow", status: 408)
            case RequestBodyReader.Problem.broken:
                .invalidRequest("the body is broken off or not as its head says", code: "broken_body")
            case RequestGate.Refusal.draining: GatewayError.draining.errorObject
            case RequestGate.Refusal.full(let limit): GatewayError.busy(limit: limit).errorObject
            case is CancellationError: GatewayError.draining.errorObject
            default: .server("an internal error; the server's log says more", code: "internal")
            }
    }
}
