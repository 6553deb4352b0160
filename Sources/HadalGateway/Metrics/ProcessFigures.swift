import Foundation

/// What the system tells of this process, the gateway; workers are processes of their own.
struct ProcessFigures: Sendable, Hashable {
    var residentBytes: Double
    /// Of all threads, in the program and in the kernel for it.
    var processorSeconds: Double
    /// Seconds since 1970.
    var startTime: Double?
    var openDescriptors: Int?

    /// - Returns: nil on a system without `/proc`, and where the process has ended.
    static func of(_ process: Int32) -> ProcessFigures? {
        (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)).flatMap {
            ProcessFigures(
                process: $0, system: "", ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
                pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))))
        }
    }

    /// - Returns: nil on a system without `/proc`.
    static func current() -> ProcessFigures? {
        guard let process = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) else { return nil }
        let system = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return ProcessFigures(
            process: process, system: system, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageBytes: Double(sysconf(Int32(_SC_PAGESIZE))),
            // One of them read the directory.
            openDescriptors: descriptors.map { $0 - 1 })
    }

    /// - Parameters:
    ///   - process: `/proc/PID/stat`, as proc(5) has it.
    ///   - system: `/proc/stat`, for the time at which the machine started.
    /// - Returns: nil where `process` is something else.
    init?(
        process: String, system: String, ticksPerSecond: Double, pageBytes: Double, openDescriptors: Int? = nil
    ) {
        // The program's name, the second field, may hold spaces and brackets.
        guard let nameEnd = process.lastIndex(of: ")") else { return nil }
        let fields = process[nameEnd...].split { $0 == " " || $0 == "\n" }
        // Numbered as in proc(5), where the name is 2.
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 2) ? Double(fields[number - 2]) : nil }
        guard let user = field(14), let kernel = field(15), let started = field(22), let pages = field(24) else {
            return nil
        }
        residentBytes = pages * pageBytes
        processorSeconds = (user + kernel) / ticksPerSecond
        startTime = system.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }.map { $0 + started / ticksPerSecond }
        self.openDescriptors = openDescriptors
    }

    func write(to text: inout MetricsText) {
        text.add(
            .init(.gauge, "process_resident_memory_bytes", "Memory of the gateway's process in bytes."), residentBytes)
        text.add(
            .init(.counter, "process_cpu_seconds_total", "Processor time of the gateway's process in seconds."),
            processorSeconds)
        if let startTime {
            text.add(
                .init(.gauge, "process_start_time_seconds", "When the gateway started, in seconds since 1970."),
                startTime)
        }
        if let openDescriptors {
            text.add(
                .init(.gauge, "process_open_fds", "Open files and connections of the gateway's process."),
                Double(openDescriptors))
        }
    }
}
