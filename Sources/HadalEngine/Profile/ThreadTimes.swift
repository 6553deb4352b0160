import Foundation

/// Processor time of this process's threads, from `/proc/self/task`; nothing where there is no such place.
public struct ThreadTimes: Sendable {
    /// Of all threads with one name.
    public struct Entry: Sendable, Hashable {
        public var name: String
        public var threads: Int
        /// Of all of them together.
        public var seconds: Double
    }

    /// By the threads' numbers.
    private var times: [Int: (name: String, seconds: Double)] = [:]

    static var now: ThreadTimes {
        var result = ThreadTimes()
        for id in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? [] {
            guard let number = Int(id),
                let line = try? String(contentsOfFile: "/proc/self/task/\(id)/stat", encoding: .utf8)
            else { continue }
            result.times[number] = parse(line)
        }
        return result
    }

    /// proc(5): the name, in parentheses, may hold anything; the 14th and 15th fields are the ticks in user and system mode.
    package static func parse(_ line: String, ticksPerSecond: Int = sysconf(Int32(_SC_CLK_TCK))) -> (
        name: String, seconds: Double
    )? {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else { return nil }
        let fields = line[close...].split(separator: " ").dropFirst()
        guard fields.count > 12, let user = Int(fields[fields.startIndex + 11]),
            let system = Int(fields[fields.startIndex + 12])
        else { return nil }
        return (String(line[line.index(after: open)..<close]), Double(user + system) / Double(max(1, ticksPerSecond)))
    }

    /// What each name's threads took between two looks, the busiest first. Threads that were there at the end count.
    static func - (later: ThreadTimes, earlier: ThreadTimes) -> [Entry] {
        var entries: [String: Entry] = [:]
        for (id, time) in later.times {
            var entry = entries[time.name] ?? Entry(name: time.name, threads: 0, seconds: 0)
            entry.threads += 1
            entry.seconds += time.seconds - (earlier.times[id]?.seconds ?? 0)
            entries[time.name] = entry
        }
        return entries.values.filter { $0.seconds > 0 }.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
    }
}

/// Memory of this process, from `/proc/self/status`.
struct ProcessMemoryStatus {
    var resident: Int
    var peak: Int
    /// Of what is resident, that which lies in mapped files.
    var mapped: Int

    /// Nil where there is no such place.
    static var current: ProcessMemoryStatus? {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        func bytes(_ name: String) -> Int? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
        }
        guard let resident = bytes("VmRSS"), let peak = bytes("VmHWM") else { return nil }
        return ProcessMemoryStatus(resident: resident, peak: peak, mapped: bytes("RssFile") ?? 0)
    }
}
