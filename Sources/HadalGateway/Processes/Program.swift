import Foundation

/// This process's program.
enum Program {
    /// Where it lay when the process was started: after an upgrade, the new one does.
    static let path: String? = {
        #if os(Linux)
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = bytes.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlink("/proc/self/exe", $0, 4096) } ?? -1
            }
            return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
        #else
            return nil
        #endif
    }()

    /// When a process began, in the system's ticks since it did; with its number it names one process for good.
    /// - Returns: nil where there is no such process.
    static func start(of process: Int32) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            // The name in parentheses may have any signs in it.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int(fields[19]) : nil
    }
}
