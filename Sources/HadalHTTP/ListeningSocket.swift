import Foundation
import NIOCore

/// Sockets that connections come in on.
enum ListeningSocket {
    /// - Returns: a descriptor that no started process inherits unless it is given to it.
    /// - Throws: what the system says, by the name of the call.
    static func open(_ address: SocketAddress) throws -> Int32 {
        #if os(Linux)
            let type = Int32(SOCK_STREAM.rawValue) | Int32(bitPattern: SOCK_CLOEXEC.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(address.protocol == .inet6 ? AF_INET6 : AF_INET, type, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            let result = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
            guard result == 0 else { throw IOError(errnoCode: errno, reason: "bind to \(address)") }
            guard listen(descriptor, Listener.backlog) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    static func duplicate(_ descriptor: Int32) throws -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "duplicate the listening socket") }
        return copy
    }
}
