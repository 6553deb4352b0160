import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HadalLogs

@Suite(.timeLimit(.minutes(15)))
struct PlaceTests {
    private func record(_ line: String) -> LogRecord { LogRecord(severity: 4, line: line, message: line, metadata: []) }

    private final class Clock: Sendable {
        private let held = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { held.withLock { $0 } }
        func advance(_ seconds: TimeInterval) { held.withLock { $0 += seconds } }
    }

    // MARK: files

    @Test func aLargeFileIsPutAside() throws {
        let directory = try TemporaryDirectory()
        let file = RotatingFile(directory.file("hadal.log"), .init(bytes: 1000, age: 1e9))
        for number in 0..<100 { try file.write([record("line \(number) " + String(repeating: "x", count: 40))]) }
        let names = try directory.names
        #expect(names.count > 4 && names.contains("hadal.log"))
        var lines: [String] = []
        for name in names {
            let text = try String(contentsOfFile: directory.file(name), encoding: .utf8)
            #expect(text.utf8.count <= 1000 && text.hasSuffix("\n"))
            lines += text.split(separator: "\n").map(String.init)
        }
        #expect(Set(lines).count == 100)
    }

    @Test func anOldFileIsPutAsideAndOlderOnesGo() throws {
        let directory = try TemporaryDirectory()
        let clock = Clock()
        let file = RotatingFile(directory.file("hadal.log"), .init(bytes: 1 << 20, age: 100), now: { clock.now })
        _ = try directory.write("not ours".utf8, "hadal.log.old")
        for day in 0..<5 {
            try file.write([record("\(day)")])
            clock.advance(101)
        }
        // The last one that was put aside is younger than the limit; the others were removed.
        let names = try directory.names.filter { $0 != "hadal.log.old" }
        #expect(names.count == 2, "\(names)")
        #expect(try String(contentsOfFile: directory.file("hadal.log"), encoding: .utf8) == "4\n")
        #expect(try directory.names.contains("hadal.log.old"))
    }

    @Test func aFileThatAnotherProgramMovedIsMadeAnew() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("hadal.log")
        let file = RotatingFile(path, .init())
        try file.write([record("one")])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try file.write([record("two")])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two\n")
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "one\n")
    }

    @Test func whereItCannotBeOpenedItSaysSo() throws {
        let error = #expect(throws: LogError.self) {
            try RotatingFile("/nonexistent/hadal.log", .init()).write([record("x")])
        }
        #expect(error?.description.contains("/nonexistent/hadal.log") == true)
    }

    // MARK: the system's log

    /// A daemon's socket.
    private final class Daemon {
        let path: String
        private var descriptor: Int32

        init(_ path: String) throws {
            self.path = path
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
            }
            try #require(result == 0)
        }

        func receive() -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 1 << 17)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return Array(bytes.prefix(max(0, count)))
        }

        func end() {
            close(descriptor)
            unlink(path)
        }
    }

    @Test func syslogGetsPriorityAndName() throws {
        let directory = try TemporaryDirectory()
        let daemon = try Daemon(directory.file("log"))
        let place = DatagramPlace(.syslog, path: daemon.path)
        try place.write([record("it broke")])
        #expect(String(decoding: daemon.receive(), as: UTF8.self) == "<28>hadal[\(getpid())]: it broke")
        // A daemon that is started anew gets what comes then.
        daemon.end()
        #expect(throws: LogError.self) { try place.write([record("nobody listens")]) }
        let next = try Daemon(directory.file("log"))
        try place.write([record("again")])
        #expect(String(decoding: next.receive(), as: UTF8.self).hasSuffix(": again"))
        next.end()
    }

    @Test func journalKeepsMembersApart() throws {
        let directory = try TemporaryDirectory()
        let daemon = try Daemon(directory.file("socket"))
        try DatagramPlace(.journal, path: daemon.path).write([
            LogRecord(
                severity: 3, line: "", message: "two\nlines", metadata: [("request_id", "req-1"), ("odd-näme", "v")])
        ])
        var bytes = daemon.receive()[...]
        var members: [String: String] = [:]
        // As the protocol's page says it is read.
        while let end = bytes.firstIndex(of: 0x0A) {
            let line = bytes[..<end]
            bytes = bytes[(end + 1)...]
            if let equals = line.firstIndex(of: 0x3D) {
                members[String(decoding: line[..<equals], as: UTF8.self)] = String(
                    decoding: line[(equals + 1)...], as: UTF8.self)
            } else {
                let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                members[String(decoding: line, as: UTF8.self)] = String(
                    decoding: bytes.dropFirst(8).prefix(length), as: UTF8.self)
                bytes = bytes.dropFirst(8 + length + 1)
            }
        }
        #expect(members["MESSAGE"] == "two\nlines" && members["PRIORITY"] == "3")
        #expect(members["SYSLOG_IDENTIFIER"] == "hadal" && members["HADAL_REQUEST_ID"] == "req-1")
        #expect(members["HADAL_ODD_N_ME"] == "v")
        daemon.end()
    }
}
