import Foundation

/// The memory of a process, in bytes, as the system counts it.
struct ProcessMemory: Sendable, Hashable {
    /// That is in memory now, files that are mapped included.
    var resident: Int
    /// The most that was.
    var peak: Int

    init(resident: Int, peak: Int) {
        self.resident = resident
        self.peak = peak
    }

    /// nil where the process is gone.
    init?(of process: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        self.init(status: text)
    }

    /// - Parameter status: a `/proc/PID/status`; a process that has ended has no memory in it.
    init?(status: String) {
        guard let resident = KernelFields.bytes("VmRSS", in: status), let peak = KernelFields.bytes("VmHWM", in: status)
        else { return nil }
        self.init(resident: resident, peak: peak)
    }

    /// Bytes that can be had on this machine, or in this container, without swapping.
    static var available: Int {
        func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
        func number(_ path: String) -> Int? { text(path).flatMap { Int($0.prefix { $0 != "\n" }) } }
        let free = text("/proc/meminfo").flatMap { KernelFields.bytes("MemAvailable", in: $0) } ?? 0
        guard let limit = number("/sys/fs/cgroup/memory.max") else { return free }
        return max(0, min(free, limit - (number("/sys/fs/cgroup/memory.current") ?? 0)))
    }
}

/// Lines such as `VmRSS:     1234 kB`.
private enum KernelFields {
    static func bytes(_ name: String, in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
