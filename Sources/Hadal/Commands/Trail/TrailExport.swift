import ArgumentParser
import Foundation
import HadalAudit

/// What other systems read.
enum TrailFormat: String, CaseIterable, ExpressibleByArgument {
    case jsonl, cef, syslog, elasticsearch
}

/// Writes records of the trail for another system; that it was done is recorded before anything goes out.
struct TrailExport {
    let trail: TrailAccess
    let format: TrailFormat
    /// Elasticsearch's.
    let index: String

    func run(_ query: AuditQuery, details: [String: String], limit: Int?, to sink: ExportSink) async throws {
        var details = details
        details["format"] = format.rawValue
        let record = try LocalRecord(trail.settings, seal: try await trail.settings.auditSeal())
        try await record.perform("audit.export", "", details) { _ in }
        let formatter = try formatter
        var query = query
        query.newestFirst = false
        var left = limit ?? .max
        try trail.search.forEach(query) { record in
            try sink.write(formatter.bytes(record))
            left -= 1
            return left > 0 ? .goOn : .stop
        }
        try sink.finish()
    }

    private var formatter: any AuditFormatter {
        get throws {
            switch format {
            case .jsonl: JSONLinesFormatter()
            case .cef: CEFFormatter(version: Version.current)
            case .syslog: SyslogFormatter(host: ProcessInfo.processInfo.hostName)
            case .elasticsearch: ElasticsearchFormatter(index: index, trail: try trail.search.trail ?? "")
            }
        }
    }
}

/// Where an export goes, in blocks: standard output, or a new file that only its owner may read.
final class ExportSink {
    private static let blockSize = 1 << 20

    private let handle: FileHandle
    private var block: [UInt8] = []

    /// - Parameter path: nil: standard output.
    /// - Throws: where there is such a file already.
    init(_ path: String?) throws {
        guard let path else {
            handle = .standardOutput
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("\(path): cannot make it: \(String(cString: strerror(errno)))")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) throws {
        block += bytes
        if block.count >= Self.blockSize { try finish() }
    }

    /// Writes what waits.
    func finish() throws {
        try handle.write(contentsOf: Data(block))
        block.removeAll(keepingCapacity: true)
    }
}
