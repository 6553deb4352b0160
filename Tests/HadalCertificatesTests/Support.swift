import Foundation
import HadalCertificates
import Logging
import Synchronization
import TestSupport
import Testing

extension TemporaryDirectory {
    /// An authority in it, with a certificate for localhost.
    func certificates(_ name: String = "certificates", now: Date = Date()) throws -> CertificateDirectory {
        let directory = CertificateDirectory(file(name))
        try directory.initialise(organization: "Test", names: localNames(), now: now)
        return directory
    }
}

func localNames() throws -> [SubjectName] {
    try ["localhost", "127.0.0.1"].map { (name) throws(CertificateError) in try SubjectName(server: name) }
}

func mode(_ file: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int)
}

/// A clock that a test moves on.
final class TestClock: Sendable {
    private let time: Mutex<Date>
    init(_ date: Date = Date()) { time = Mutex(date) }
    var now: Date { time.withLock(\.self) }
    func advance(days: Double) { time.withLock { $0 += days * 86400 } }
}

/// Keeps what is logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock(\.self) }
    func count(_ text: String) -> Int { all.count { $0.contains(text) } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}

/// A program of the system, so that not only our own libraries judge.
enum Tool {
    static let openssl = "/usr/bin/openssl"
    static let curl = "/usr/bin/curl"
    static var areThere: Bool { [openssl, curl].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } }

    struct Result: Sendable {
        let status: Int32
        /// Standard output and error together.
        let output: String
    }

    static func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Swift.Result { try runHere(program, arguments, input) })
            }
        }
    }

    private static func runHere(_ program: String, _ arguments: [String], _ input: String) throws -> Result {
        let process = Process()
        let (standardInput, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }
}
