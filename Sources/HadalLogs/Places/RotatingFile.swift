import Foundation

/// A file that is put aside when it is large or old, and what was put aside is removed when it is older. Names are
/// `NAME.YYYYMMDD-HHMMSS` for what was put aside then, of UTC.
final class RotatingFile: LogPlace {
    struct Limits: Sendable, Hashable {
        /// Of one file.
        var bytes: Int64 = 1 << 30
        /// Seconds after which a file is put aside, and after which what was put aside goes.
        var age: TimeInterval = 7 * 86_400
    }

    private let path: String
    private let limits: Limits
    private let now: () -> Date
    private var descriptor: Int32 = -1
    private var size: Int64 = 0
    private var begun = Date.distantPast
    /// A file that somebody else put aside (logrotate) is opened anew.
    private var identity: (device: dev_t, number: ino_t) = (0, 0)

    init(_ path: String, _ limits: Limits, now: @escaping () -> Date = { Date() }) {
        (self.path, self.limits, self.now) = (path, limits, now)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ records: [LogRecord]) throws {
        try open()
        var bytes: [UInt8] = []
        for record in records {
            let line = record.line.utf8.count + 1
            if size > 0, size + Int64(bytes.count + line) > limits.bytes || now().timeIntervalSince(begun) >= limits.age
            {
                try put(bytes)
                bytes = []
                try rotate()
            }
            bytes += Array(record.line.utf8) + [0x0A]
        }
        try put(bytes)
    }

    private func put(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw LogError.system(path: path, operation: "write", code: errno)
            }
            done += count
            size += Int64(count)
        }
    }

    private func open() throws {
        var status = stat()
        if descriptor >= 0 {
            if stat(path, &status) == 0, (status.st_dev, status.st_ino) == identity { return }
            close(descriptor)
            descriptor = -1
        }
        descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            throw LogError.system(path: path, operation: "open", code: errno)
        }
        identity = (status.st_dev, status.st_ino)
        size = Int64(status.st_size)
        // When a file that was there began is not known; it was changed last by an earlier run.
        begun = size == 0 ? now() : Date(timeIntervalSince1970: TimeInterval(status.st_mtim.tv_sec))
    }

    private func rotate() throws {
        var aside = path + "." + Self.stamp(now())
        var number = 1
        while access(aside, F_OK) == 0 {
            aside = path + "." + Self.stamp(now()) + "-\(number)"
            number += 1
        }
        guard rename(path, aside) == 0 else { throw LogError.system(path: path, operation: "put aside", code: errno) }
        try open()
        removeOld()
    }

    /// What is not removed now is tried again with the next.
    private func removeOld() {
        let directory = (path as NSString).deletingLastPathComponent
        let name = (path as NSString).lastPathComponent + "."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)) ?? []
        for other in names where other.hasPrefix(name) {
            let stamp = other.dropFirst(name.count).prefix(15)
            guard stamp.wholeMatch(of: /\d{8}-\d{6}/) != nil, stamp < Self.stamp(now() - limits.age) else { continue }
            unlink(directory.isEmpty ? other : directory + "/" + other)
        }
    }

    /// `20260131-235959`
    private static func stamp(_ time: Date) -> String {
        var clock = time_t(time.timeIntervalSince1970)
        var parts = tm()
        gmtime_r(&clock, &parts)
        return String(
            format: "%04d%02d%02d-%02d%02d%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
            parts.tm_min, parts.tm_sec)
    }
}
