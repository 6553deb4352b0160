import Foundation

/// An NVML of ours, `Tests/HadalNVMLTests/fake_nvml.c`, built for one test. Files in its directory say how its cards are.
public final class FakeNVML: Sendable {
    struct NotBuilt: Error, CustomStringConvertible { let description: String }

    private let directory: TemporaryDirectory

    /// - Throws: where Swift's clang, or another, is not on the path.
    public init() throws {
        directory = try TemporaryDirectory()
        let source = SharedData.repository.appendingPathComponent("Tests/HadalNVMLTests/fake_nvml.c").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "clang", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-DFAKE_DIRECTORY=\"\(directory.path)\"", "-o",
            path, source,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NotBuilt(description: "clang does not build \(source)") }
    }

    public var path: String { directory.file("libnvidia-ml.so.1") }

    public func set(_ name: String, _ value: String = "") throws { try directory.write(value.utf8, name) }

    public func unset(_ name: String) throws { try FileManager.default.removeItem(atPath: directory.file(name)) }

    /// How often it was started (`inits`) or asked for a temperature (`questions`).
    public func count(_ name: String) -> Int {
        (try? Data(contentsOf: URL(fileURLWithPath: directory.file(name))))?.count ?? 0
    }

    /// From now on card 0 does not answer.
    public func hang() { mkfifo(directory.file("hang"), 0o600) }

    /// It answers whoever asked, and from now on.
    public func goOn() {
        // With a writer that is a reader too, nobody waits for the other.
        let pipe = open(directory.file("hang"), O_RDWR)
        unlink(directory.file("hang"))
        write(pipe, ".", 1)
        close(pipe)
    }
}
