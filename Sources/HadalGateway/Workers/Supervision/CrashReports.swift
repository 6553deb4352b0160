import Foundation
import HadalJSON
import HadalWire
import Synchronization

/// Crash reports as files: `crashes/MODEL-TIME.json` in the data directory, the last of them.
public final class CrashReports: Sendable {
    /// Files that are kept.
    public static let limit = 100

    public struct Entry: Sendable {
        /// Of the file, without `.json`.
        public let name: String
        public let report: Result<CrashReport, CrashReportError>
    }

    private let directory: URL
    /// Two writers would choose the same name.
    private let writing = Mutex(())

    /// - Parameter data: the data directory. Nothing is made in it before the first crash.
    public init(data: URL) { directory = data.appendingPathComponent("crashes", isDirectory: true) }

    /// Writes a report so that it is there whole or not at all, and removes the oldest beyond the limit.
    /// - Returns: the file's path.
    func write(_ report: CrashReport) throws -> String {
        try writing.withLock { _ in
            var time = report.time
            var url = file(Self.name(of: report.model, at: time))
            while FileManager.default.fileExists(atPath: url.path) {
                time += 0.001
                url = file(Self.name(of: report.model, at: time))
            }
            try StateFile.write(report.json.bytes + [UInt8(ascii: "\n")], privatelyTo: url)
            for name in try names().dropFirst(Self.limit) { try? FileManager.default.removeItem(at: file(name)) }
            return url.path
        }
    }

    /// The newest first. A file that cannot be read is among them, with what is wrong.
    public func all() throws -> [Entry] {
        try names().map { name in
            let report: Result<CrashReport, CrashReportError>
            do throws(CrashReportError) { report = .success(try self.report(named: name)) } catch {
                report = .failure(error)
            }
            return Entry(name: name, report: report)
        }
    }

    /// - Parameter name: as `all` gives it; `.json` may be left out.
    public func report(named name: String) throws(CrashReportError) -> CrashReport {
        let name = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        // A name is no path: nothing outside the directory can be read by it.
        guard !name.contains("/"), !name.hasPrefix("."),
            FileManager.default.fileExists(atPath: file(name).path)
        else { throw CrashReportError(path: file("NAME").path, problem: "there is no crash report '\(name)'") }
        do {
            return try CrashReport(try JSON(parsing: try Data(contentsOf: file(name))))
        } catch {
            throw CrashReportError(path: file(name).path, problem: "it cannot be read: \(error); remove it")
        }
    }

    /// The newest first.
    private func names() throws -> [String] {
        let files: [String]
        do { files = try FileManager.default.contentsOfDirectory(atPath: directory.path) } catch {
            if !FileManager.default.fileExists(atPath: directory.path) { return [] }
            throw error
        }
        let names = files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        func time(_ name: String) -> Substring { name.split(separator: "-").last ?? "" }
        return names.sorted { (time($0), $0) > (time($1), $1) }
    }

    private func file(_ name: String) -> URL { directory.appendingPathComponent(name + ".json") }

    /// Only letters, digits and `._-`, whatever the model is called; the time, in UTC, sorts as text.
    static func name(of model: String, at time: Date) -> String {
        let plain = model.unicodeScalars.prefix(80).map { scalar -> Character in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        }
        let text = time.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
                .dateSeparator(.omitted).timeSeparator(.omitted))
        return "\(plain.first == "." ? "_" : "")\(String(plain))-\(text)Z"
    }
}

/// A crash report that cannot be had.
public struct CrashReportError: Error, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String

    public var description: String { "\(path): \(problem)" }
}
