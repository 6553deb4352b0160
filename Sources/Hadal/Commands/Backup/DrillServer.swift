import Foundation
import HadalClient
import HadalConfiguration

/// A server of this program with restored data, that nobody else reaches: the built-in model, a free port of loopback.
struct DrillServer {
    /// Until the built-in model answers.
    private static let limit: Duration = .seconds(120)

    let data: String
    /// nil: none was backed up.
    let configuration: String?
    private let log: String
    private let port: Int

    /// - Parameters:
    ///   - restored: what was restored, `data` and perhaps `configuration` in it.
    ///   - file: the configuration's name.
    init(restored: String, configuration file: String?) throws {
        data = restored + "/data"
        log = restored + "/drill.log"
        port = try Self.freePort()
        guard let file else {
            configuration = nil
            return
        }
        // Beside the original, from which relative paths begin.
        let path = restored + "/configuration/" + file
        let scratch = restored + "/configuration/drill-" + file
        guard let text = ScratchConfiguration.make(from: try String(contentsOfFile: path, encoding: .utf8)) else {
            throw CommandFailure("\(path) is no configuration")
        }
        try text.write(toFile: scratch, atomically: true, encoding: .utf8)
        configuration = scratch
    }

    var options: [String] { (configuration.map { ["--config", $0] } ?? []) + ["--data", data] }

    /// Starts it, and ends it once it is ready.
    /// - Returns: the seconds that it took.
    func run() async throws -> Double {
        try Data().write(to: URL(fileURLWithPath: log))
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = ["serve", "guide", "--listen", "127.0.0.1:\(port)"] + options
        (process.standardOutput, process.standardError, process.standardInput) = (output, output, FileHandle.nullDevice)
        let clock = ContinuousClock.now
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let client = HadalClient(URL(string: "http://127.0.0.1:\(port)")!, key: nil, timeout: .seconds(5))
        while ContinuousClock.now - clock < Self.limit, process.isRunning {
            if (try? await client.answer(at: "/health/ready", nil, headers: [])) != nil {
                return (ContinuousClock.now - clock) / .seconds(1)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        let end = (try? String(contentsOfFile: log, encoding: .utf8)).map { $0.split(separator: "\n").suffix(5) } ?? []
        throw CommandFailure("it does not start:\n" + end.joined(separator: "\n"))
    }

    /// What the restored audit trail's verification says; nil where there is no trail.
    /// - Returns: whether it is whole, and the words.
    func verifyTrail() throws -> (isWhole: Bool, text: String)? {
        guard FileManager.default.fileExists(atPath: data + "/audit") else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = ["audit", "verify"] + options
        let pipe = Pipe()
        (process.standardOutput, process.standardError, process.standardInput) = (pipe, pipe, FileHandle.nullDevice)
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus == 0, text)
    }

    private static func freePort() throws -> Int {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard code == 0 else { throw CommandFailure("no port is free: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
