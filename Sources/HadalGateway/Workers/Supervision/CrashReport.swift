import Foundation
import HadalAccess
import HadalJSON
import HadalWire

/// How a worker ended that was not told to, or had to be.
public struct CrashReport: Sendable, Hashable {
    public enum Reason: String, Sendable, CaseIterable {
        /// By itself, or by somebody else's signal.
        case crashed
        /// It no longer answered how it is.
        case unresponsive
        /// It took more memory than `models[].memory_limit`.
        case memoryLimit = "memory_limit"
        /// It was not ready in time.
        case startLimit = "start_limit"
    }

    public var model: String
    /// What pins the model's files; nil where it was not known yet.
    public var digest: String?
    public var time: Date
    public var reason: Reason
    /// One of the two; neither where the process could not be started, or was started by the server before this one.
    public var signal: Int?
    public var exitCode: Int?
    public var process: Int
    /// Seconds from its start to its end.
    public var uptime: Double
    /// Bytes, as they were seen last: resident, the most that was, and what it may take.
    public var memory: Int?
    public var peakMemory: Int?
    public var memoryLimit: Int?
    /// How often a worker of this model was started anew before.
    public var restarts: Int
    /// Ids of requests that it was computing.
    public var requests: [String]
    /// Of its standard error.
    public var lastLines: [String]

    /// `signal 9`, `exit code 1`.
    public var end: String {
        signal.map { "signal \($0)" } ?? exitCode.map { "exit code \($0)" } ?? (process > 0 ? "unknown" : "not started")
    }

    public var json: JSON {
        .compact([
            ("model", .string(model)), ("digest", digest.map(JSON.string)), ("time", .time(time)),
            ("reason", .string(reason.rawValue)), ("signal", signal.map { .int(Int64($0)) }),
            ("exit_code", exitCode.map { .int(Int64($0)) }), ("pid", .int(Int64(process))),
            ("uptime_seconds", .double(uptime)), ("memory_bytes", memory.map { .int(Int64($0)) }),
            ("peak_memory_bytes", peakMemory.map { .int(Int64($0)) }),
            ("memory_limit_bytes", memoryLimit.map { .int(Int64($0)) }), ("restarts", .int(Int64(restarts))),
            ("requests", .array(requests.map(JSON.string))), ("last_lines", .array(lastLines.map(JSON.string))),
        ])
    }
}

extension CrashReport {
    /// - Throws: `WireError` that names the field.
    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        let counts = 0...Int.max
        guard let reason = Reason(rawValue: try fields.requiredString("reason")) else {
            throw .outOfRange(field: "reason", expected: Reason.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard let time = Date(iso8601: try fields.requiredString("time")) else {
            throw .outOfRange(field: "time", expected: "a time such as 2026-11-01T00:00:00Z")
        }
        self.init(
            model: try fields.requiredString("model"), digest: try fields.string("digest"), time: time,
            reason: reason, signal: try fields.int("signal", in: counts),
            exitCode: try fields.int("exit_code", in: counts), process: try fields.int("pid", in: counts) ?? 0,
            uptime: try fields.number("uptime_seconds", in: 0...Double.greatestFiniteMagnitude) ?? 0,
            memory: try fields.int("memory_bytes", in: counts),
            peakMemory: try fields.int("peak_memory_bytes", in: counts),
            memoryLimit: try fields.int("memory_limit_bytes", in: counts),
            restarts: try fields.int("restarts", in: counts) ?? 0,
            requests: try fields.strings("requests", limit: 100_000) ?? [],
            lastLines: try fields.strings("last_lines") ?? [])
    }
}
