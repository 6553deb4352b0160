import Foundation

/// Memory of this machine, or of the container where that has a limit.
public enum MemoryStatus {
    /// Bytes that can be had without swapping.
    public static var available: Int {
        let free = field("MemAvailable")
        guard let limit = number("/sys/fs/cgroup/memory.max") else { return free }
        return max(0, min(free, limit - (number("/sys/fs/cgroup/memory.current") ?? 0)))
    }

    public static var total: Int {
        min(field("MemTotal"), number("/sys/fs/cgroup/memory.max") ?? .max)
    }

    /// A line of `/proc/meminfo`, which counts in KiB.
    private static func field(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        let number = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return number.map { $0 * 1024 } ?? Int(ProcessInfo.processInfo.physicalMemory)
    }

    /// Nil where the file is absent or says `max`.
    private static func number(_ path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Int(text.prefix { $0 != "\n" })
    }
}
