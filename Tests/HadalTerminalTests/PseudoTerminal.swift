import Foundation
import HadalTerminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A terminal the test holds the other end of, and a program running in it.
final class PseudoTerminal {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// Nothing the tests wait for takes long; a loaded machine may be slow.
    private static let patienceMilliseconds: Int32 = 60_000

    private let master: Int32
    /// Held open so that the terminal stays when the program ends.
    let slave: Int32
    let path: String
    private var control: Int32 = -1
    private var process: pid_t = 0
    /// Output not yet expected.
    private var unread: [UInt8] = []
    private(set) var screen: ScreenModel

    init(columns: Int = 40, rows: Int = 10) throws {
        #if canImport(Glibc)
            // What posix_openpt, unlockpt and ptsname do; Swift's Glibc module lacks them.
            master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var locked: Int32 = 0
            var number: UInt32 = 0
            guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
                throw Failure(description: "no pseudo-terminal: errno \(errno)")
            }
            path = "/dev/pts/\(number)"
        #else
            master = posix_openpt(O_RDWR | O_NOCTTY)
            guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
                throw Failure(description: "no pseudo-terminal: errno \(errno)")
            }
            _ = fcntl(master, F_SETFD, FD_CLOEXEC)
            path = String(cString: name)
        #endif
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard slave >= 0 else { throw Failure(description: "cannot open \(path): errno \(errno)") }
        screen = ScreenModel(columns: columns, rows: rows)
        resize(columns: columns, rows: rows)
    }

    deinit {
        if process > 0 {
            kill(SIGKILL)
            waitpid(process, nil, 0)
        }
        for descriptor in [master, slave, control] where descriptor >= 0 { close(descriptor) }
    }

    func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        screen.resize(columns: columns, rows: rows)
    }

    static let probe = program("TerminalProbe")

    /// A program that the package builds beside the tests.
    static func program(_ name: String) -> String {
        #if canImport(Glibc)
            let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        #else
            let program = Bundle(for: PseudoTerminal.self).bundlePath
        #endif
        return URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Starts a program with this as its controlling terminal; descriptor 3 is the `signal` line.
    func start(_ arguments: [String], environment: [String: String] = ["TERM": "xterm", "NO_COLOR": "1"]) throws {
        var pipeEnds: [Int32] = [-1, -1]
        guard pipe(&pipeEnds) == 0 else { throw Failure(description: "no pipe") }
        _ = fcntl(pipeEnds[1], F_SETFD, FD_CLOEXEC)
        control = pipeEnds[1]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[0], 3)
        if pipeEnds[0] != 3 { posix_spawn_file_actions_addclose(&actions, pipeEnds[0]) }
        posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever the test runner does with signals, the program begins as from a shell.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        #if canImport(Glibc)
            let newSession: Int16 = 0x80
        #else
            let newSession = Int16(POSIX_SPAWN_SETSID)
        #endif
        posix_spawnattr_setflags(
            &attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        let argv = arguments.map { strdup($0) } + [nil]
        // Else the Swift runtime prints a backtrace on SIGQUIT and goes on.
        let environment = environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { own, _ in own }
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, argv, envp)
        close(pipeEnds[0])
        guard code == 0 else {
            process = 0
            throw Failure(description: "cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(master, $0.baseAddress, min($0.count, 1024)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Lets the program go on that waits for the test.
    func signal() {
        _ = "\n".withCString { write(control, $0, 1) }
    }

    func kill(_ number: Int32) { _ = sendSignal(process, number) }

    /// Reads until the output, from what was expected last on, contains the text.
    func expect(_ text: String) throws {
        let wanted = Array(text.utf8)
        while true {
            if let range = unread.firstRange(of: wanted) {
                unread.removeSubrange(..<range.upperBound)
                return
            }
            guard try readMore() else {
                throw Failure(
                    description:
                        "expected \(text.debugDescription), got \(String(decoding: unread, as: UTF8.self).debugDescription)"
                )
            }
        }
    }

    /// Reads until so much output stands behind what was expected last.
    func expectOutput(bytes: Int) throws {
        while unread.count < bytes {
            guard try readMore() else { throw Failure(description: "expected \(bytes) bytes, got \(unread.count)") }
        }
    }

    /// Reads until the screen shows these lines (trailing empty ones aside) and the cursor is there.
    func expectScreen(_ lines: [String], cursor: (row: Int, column: Int)? = nil) throws {
        while screen.text != lines || cursor.map({ $0 != (screen.row, screen.column) }) ?? false {
            guard try readMore() else {
                throw Failure(
                    description:
                        "expected \(lines) cursor \(cursor as Any), got \(screen.text) cursor \(screen.row), \(screen.column)"
                )
            }
        }
        unread = []
    }

    /// - Returns: `false` when nothing came for too long.
    private func readMore() throws -> Bool {
        var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Self.patienceMilliseconds) > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &bytes, bytes.count)
        guard count > 0 else { return false }
        unread += bytes[..<count]
        screen.write(bytes[..<count])
        return true
    }

    /// Waits for the program's end.
    func exit() throws -> Exit {
        var status: Int32 = 0
        for _ in 0..<Self.patienceMilliseconds / 5 {
            if waitpid(process, &status, WNOHANG) == process {
                process = 0
                let signal = status & 0x7F
                return signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
            }
            // Output nobody reads could hold the program up.
            var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 5) > 0 { _ = try readMore() }
        }
        throw Failure(description: "the program does not end")
    }

    /// Whether the terminal works by lines with echo, as a shell expects it.
    var isCooked: Bool {
        var settings = termios()
        tcgetattr(slave, &settings)
        let wanted = tcflag_t(ECHO | ICANON | ISIG)
        return settings.c_lflag & wanted == wanted
    }
}

/// The C function, out of reach inside a type that has a `kill` of its own.
private func sendSignal(_ process: pid_t, _ number: Int32) -> Int32 { kill(process, number) }

/// As much of a terminal's screen as the line editor uses.
struct ScreenModel {
    private(set) var row = 0
    private(set) var column = 0
    private var columns: Int
    private var rows: Int
    /// A cell behind a wide character is empty.
    private var cells: [[String]]
    private var pending: [UInt8] = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    /// The rows without trailing blanks, without the empty ones at the end.
    var text: [String] {
        var lines = cells.map { row in
            var line = row.joined()
            while line.last == " " { line.removeLast() }
            return line
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    mutating func resize(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = (0..<rows).map { index in
            let old = index < cells.count ? Array(cells[index].prefix(columns)) : []
            return old + Array(repeating: " ", count: columns - old.count)
        }
    }

    mutating func write(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        // Only whole code points; an unfinished sequence waits.
        var end = pending.count
        while end > 0, pending.count - end < 3, pending[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > 0, pending[end - 1] >= 0xC0 {
            let lead = pending[end - 1]
            let expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
            end = pending.count - (end - 1) >= expected ? pending.count : end - 1
        } else {
            end = pending.count
        }
        var scalars = Array(String(decoding: pending[..<end], as: UTF8.self).unicodeScalars)[...]
        var rest = Array(pending[end...])
        while let scalar = scalars.first {
            if scalar == "\u{1B}" {
                guard let length = sequenceLength(scalars) else {
                    rest = Array(String(String.UnicodeScalarView(scalars)).utf8) + rest
                    break
                }
                escape(scalars.prefix(length))
                scalars.removeFirst(length)
                continue
            }
            scalars.removeFirst()
            put(scalar)
        }
        pending = rest
    }

    private func sequenceLength(_ scalars: ArraySlice<Unicode.Scalar>) -> Int? {
        guard scalars.count > 1 else { return nil }
        guard scalars[scalars.startIndex + 1] == "[" else { return 2 }
        return scalars.dropFirst(2).firstIndex { (0x40...0x7E).contains($0.value) }.map { $0 - scalars.startIndex + 1 }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\r": column = 0
        case "\n": feed()
        case "\u{7}": break
        default:
            let width = Character(scalar).displayWidth
            if width == 0 {
                // Belongs to the character before.
                var at = min(column, columns) - 1
                while at > 0, cells[row][at].isEmpty { at -= 1 }
                if at >= 0 { cells[row][at].unicodeScalars.append(scalar) }
                return
            }
            if column + width > columns {
                column = 0
                feed()
            }
            cells[row][column] = String(scalar)
            if width == 2 { cells[row][column + 1] = "" }
            column += width
        }
    }

    private mutating func feed() {
        if row + 1 < rows {
            row += 1
        } else {
            cells.removeFirst()
            cells.append(Array(repeating: " ", count: columns))
        }
    }

    private mutating func escape(_ sequence: ArraySlice<Unicode.Scalar>) {
        let parameter = Int(String(String.UnicodeScalarView(sequence.dropFirst(2).dropLast())))
        switch sequence.last {
        case "A": row = max(0, row - (parameter ?? 1))
        case "C": column = min(columns - 1, column + (parameter ?? 1))
        case "H": (row, column) = (0, 0)
        case "J" where parameter == 2:
            for index in cells.indices { cells[index] = Array(repeating: " ", count: columns) }
        case "J", "K":
            for index in min(column, columns)..<columns { cells[row][index] = " " }
            if sequence.last == "J" {
                for index in (row + 1)..<max(rows, row + 1) { cells[index] = Array(repeating: " ", count: columns) }
            }
        default: break
        }
    }
}
