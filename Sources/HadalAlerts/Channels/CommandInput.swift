import Foundation

/// What a program reads from its standard input, all of it in a pipe before the program starts: it may end without
/// having read, and writing to it then is a signal that ends this process too.
enum CommandInput {
    private static let bytesMax: Int32 = 1 << 20

    /// - Returns: a descriptor to read from, which is the caller's to close.
    /// - Throws: `AlertError.delivery`.
    static func pipe(of bytes: [UInt8]) throws(AlertError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else {
            let problem = String(cString: strerror(errno))
            throw .delivery(problem: "there is no pipe for a program: \(problem)", isFinal: false)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        #if os(Linux)
            // F_SETPIPE_SZ, which Swift does not import. Without it there is room for 64 KiB.
            _ = fcntl(ends[1], 1031, bytesMax)
        #endif
        let count = write(ends[1], bytes, bytes.count)
        close(ends[1])
        guard count == bytes.count else {
            close(ends[0])
            throw .delivery(problem: "a message of \(bytes.count) bytes is too long for a pipe", isFinal: true)
        }
        return ends[0]
    }
}
