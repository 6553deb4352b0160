import Foundation

/// The system's own log: syslog (`/dev/log`, RFC 3164 as local daemons read it) or systemd's journal in its native protocol, which
/// keeps members apart (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
final class DatagramPlace: LogPlace {
    enum Form: Sendable, Hashable { case syslog, journal }

    static let syslog = "/dev/log"
    static let journal = "/run/systemd/journal/socket"
    /// Local sockets take more, but daemons cut what is longer.
    private static let bytesMax = 48 << 10
    /// `daemon`, times 8.
    private static let facility = 3 << 3

    private let path: String
    private let form: Form
    private var descriptor: Int32 = -1

    init(_ form: Form, path: String? = nil) {
        self.form = form
        self.path = path ?? (form == .syslog ? Self.syslog : Self.journal)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ records: [LogRecord]) throws {
        for record in records {
            let bytes = Array((form == .syslog ? syslogText(record) : journalBytes(record)).prefix(Self.bytesMax))
            // A daemon that was restarted has a new socket.
            if descriptor < 0 || !send(bytes) {
                try connect()
                guard send(bytes) else { throw LogError.system(path: path, operation: "write to", code: errno) }
            }
        }
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        while true {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return true }
            if errno != EINTR { return false }
        }
    }

    private func connect() throws {
        if descriptor >= 0 { close(descriptor) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw LogError.system(path: path, operation: "open", code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Foundation.connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            descriptor = -1
            throw LogError.system(path: path, operation: "open", code: code)
        }
    }

    private func syslogText(_ record: LogRecord) -> [UInt8] {
        Array("<\(Self.facility | record.severity)>hadal[\(getpid())]: \(record.line)".utf8)
    }

    /// `NAME=value`, or where a value has several lines its length in 8 bytes, little endian.
    private func journalBytes(_ record: LogRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ name: String, _ value: String) {
            bytes += Array(name.utf8)
            if value.utf8.contains(0x0A) {
                bytes.append(0x0A)
                withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { bytes += $0 }
            } else {
                bytes.append(0x3D)
            }
            bytes += Array(value.utf8) + [0x0A]
        }
        add("MESSAGE", record.message)
        add("PRIORITY", "\(record.severity)")
        add("SYSLOG_IDENTIFIER", "hadal")
        for (name, value) in record.metadata { add("HADAL_" + Self.field(name), value) }
        return bytes
    }

    /// Upper case letters, digits and `_`.
    private static func field(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(40))
    }
}
