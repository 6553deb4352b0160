import Foundation
import HadalJSON
import HadalReleases
import HadalWire

/// What a server tells the one that is to take its place, before anything else.
struct HandoverOffer: Sendable {
    struct Worker: Sendable {
        var name: String
        /// `WorkerCommand.arguments(of:)`.
        var arguments: [String]
        /// nil: it is one of the configuration's models.
        var version: Version?
        var state: State

        enum State: Sendable {
            case running(process: Int32, socket: String, input: Int32, errors: Int32, handle: Int32)
            case unloaded(WorkerModel)
        }

        struct Version: Sendable {
            var name: VersionName
            var content: VersionContent
            /// Whether it has a share of the requests.
            var answers: Bool
        }
    }

    /// As it is configured. A server that is to listen elsewhere, or keeps its data elsewhere, takes nobody's place.
    var listen: String
    var data: String?
    /// The sockets' directory.
    var runtime: RuntimeDirectory
    var process: Int32
    var workers: [Worker]

    var json: JSON {
        .compact([
            ("listen", .string(listen)), ("data", data.map(JSON.string)), ("runtime", .string(runtime.path)),
            ("ownsRuntime", .bool(runtime.isOwn)), ("process", .int(Int64(process))),
            ("workers", .array(workers.map(\.json))),
        ])
    }

    init(listen: String, data: String?, runtime: RuntimeDirectory, process: Int32, workers: [Worker]) {
        self.listen = listen
        self.data = data
        self.runtime = runtime
        self.process = process
        self.workers = workers
    }

    init(_ json: JSON) throws {
        var fields = try FieldReader(json)
        listen = try fields.requiredString("listen")
        data = try fields.string("data")
        runtime = RuntimeDirectory(
            inherited: try fields.requiredString("runtime"), isOwn: json["ownsRuntime"]?.bool ?? false)
        process = Int32(try fields.int("process", in: 1...Int(Int32.max)) ?? 0)
        workers = try (json["workers"]?.array ?? []).map(Worker.init)
    }
}

extension HandoverOffer.Worker {
    fileprivate var json: JSON {
        var members: [(String, JSON?)] = [
            ("name", .string(name)), ("arguments", .array(arguments.map(JSON.string))), ("version", version?.json),
        ]
        switch state {
        case .running(let process, let socket, let input, let errors, let handle):
            members += [
                ("process", .int(Int64(process))), ("socket", .string(socket)), ("input", .int(Int64(input))),
                ("errors", .int(Int64(errors))), ("handle", .int(Int64(handle))),
            ]
        case .unloaded(let model): members += [("unloaded", model.json)]
        }
        return .compact(members)
    }

    fileprivate init(_ json: JSON) throws {
        var fields = try FieldReader(json)
        name = try fields.requiredString("name")
        arguments = try fields.strings("arguments", limit: 100_000) ?? []
        version = try json["version"].map(Version.init)
        if let description = json["unloaded"] {
            state = .unloaded(try WorkerModel(description))
            return
        }
        let numbers = 0...Int(Int32.max)
        func number(_ name: String) throws -> Int32 {
            guard let number = try fields.int(name, in: numbers) else { throw WireError.missing(field: name) }
            return Int32(number)
        }
        state = .running(
            process: try number("process"), socket: try fields.requiredString("socket"), input: try number("input"),
            errors: try number("errors"), handle: try number("handle"))
    }
}

extension HandoverOffer.Worker.Version {
    fileprivate var json: JSON {
        .compact([
            ("alias", .string(name.alias)), ("number", .int(Int64(name.number))),
            ("model", .string(content.model)), ("digest", .string(content.digest)),
            ("options", .object(JSON.Object(content.options.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))),
            ("answers", .bool(answers)),
        ])
    }

    fileprivate init(_ json: JSON) throws {
        var fields = try FieldReader(json)
        name = VersionName(
            try fields.requiredString("alias"), try fields.int("number", in: 1...Int.max) ?? 1)
        content = VersionContent(
            model: try fields.requiredString("model"), digest: try fields.requiredString("digest"),
            options: Dictionary(
                (json["options"]?.object?.members ?? []).compactMap { key, value in value.string.map { (key, $0) } },
                uniquingKeysWith: { $1 }))
        answers = json["answers"]?.bool ?? false
    }
}
