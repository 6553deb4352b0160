import Foundation

/// Starts programs that inherit the descriptors they are given, and nothing else: no connection of a client, no file.
enum Spawn {
    /// - Parameters:
    ///   - descriptors: what the program has as 0, 1, 2 and so on. They stay open here.
    ///   - environment: nil: this process's.
    ///   - isGroup: whether it is a process group of its own, which Ctrl-C in the terminal does not reach.
    /// - Returns: the process's number.
    /// - Throws: `POSIXError`.
    static func start(
        _ path: String, _ arguments: [String], descriptors: [Int32], environment: [String: String]? = nil,
        isGroup: Bool
    ) throws -> Int32 {
        // Moved out of the way first: a descriptor's place may be another one's number.
        let moved = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 64 + Int32(descriptors.count)) }
        defer { for descriptor in moved where descriptor >= 0 { close(descriptor) } }
        guard moved.allSatisfy({ $0 >= 0 }) else { throw Descriptor.failure }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (place, descriptor) in moved.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
        }
        closeFurther(&actions, from: Int32(moved.count))
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        // What is ignored or held back here is not there.
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (isGroup ? POSIX_SPAWN_SETPGROUP : 0)))
        // A worker takes nobody's place.
        let environment =
            environment ?? ProcessInfo.processInfo.environment.filter { $0.key != Inheritance.variable }
        var process: pid_t = 0
        let code = withStrings([path] + arguments) { arguments in
            withStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw POSIXError(.init(rawValue: code) ?? .EIO) }
        return process
    }

    /// A library may have opened something without the mark that keeps it from a started program.
    private static func closeFurther(_ actions: inout posix_spawn_file_actions_t, from first: Int32) {
        typealias Add = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        // glibc has it from 2.34 on; Swift's Glibc does not import it.
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
        _ = unsafeBitCast(symbol, to: Add.self)(&actions, first)
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
