import Foundation

/// Which processors this process may use.
public enum CPUAffinity {
    public struct Problem: Error, CustomStringConvertible {
        public let description: String
    }

    /// Those of the calling thread, sorted: at first those of the process.
    public static var allowed: [Int] {
        get throws {
            var mask = [UInt](repeating: 0, count: words)
            let result = try call("sched_getaffinity", thread: 0, &mask)
            guard result == 0 else { throw problem("the processors of this process cannot be asked for") }
            return (0..<words * UInt.bitWidth).filter { mask[$0 / UInt.bitWidth] >> ($0 % UInt.bitWidth) & 1 == 1 }
        }
    }

    /// All threads there are use only these processors from here on, and those that they start.
    /// - Throws: `Problem`, where one of them is not there or not this process's.
    public static func confine(to processors: [Int]) throws {
        let allowed = try allowed
        let missing = processors.filter { !allowed.contains($0) }
        guard missing.isEmpty, !processors.isEmpty else {
            throw Problem(
                description:
                    "there is no processor \(missing.map(String.init).joined(separator: ", ")) that this process "
                    + "may use, but \(allowed.map(String.init).joined(separator: ",")); change --cpus or models[].cpus")
        }
        var mask = [UInt](repeating: 0, count: words)
        for number in processors { mask[number / UInt.bitWidth] |= 1 << (number % UInt.bitWidth) }
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { Int32($0) }
        for thread in threads {
            let result = try call("sched_setaffinity", thread: thread, &mask)
            // A thread may have ended since.
            guard result == 0 || errno == ESRCH else { throw problem("the processors cannot be set") }
        }
    }

    /// Room for as many processors as Linux is built for.
    private static let words = 8192 / UInt.bitWidth

    /// - Parameter mask: a bit for each processor.
    private static func call(_ name: String, thread: Int32, _ mask: inout [UInt]) throws -> Int32 {
        // Swift's Glibc does not import the calls.
        typealias Call = @convention(c) (pid_t, Int, UnsafeMutableRawPointer?) -> Int32
        guard let address = dlsym(nil, name) else {
            throw Problem(description: "processors cannot be chosen on this system; remove --cpus or models[].cpus")
        }
        let function = unsafeBitCast(address, to: Call.self)
        return mask.withUnsafeMutableBytes { function(thread, $0.count, $0.baseAddress) }
    }

    private static func problem(_ what: String) -> Problem {
        Problem(description: "\(what): \(String(cString: strerror(errno)))")
    }
}
