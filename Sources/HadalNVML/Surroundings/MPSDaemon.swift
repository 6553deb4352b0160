import Foundation

/// NVIDIA's Multi-Process Service, through which processes compute on a card at the same time. A CUDA program uses it
/// where its control daemon can be reached by the pipes in a directory.
public struct MPSDaemon: Sendable, Hashable {
    /// The control daemon's, where it can be seen.
    public let process: Int32?
    /// Those that compute for their clients.
    public let servers: Int
    /// Where a program of this environment looks for it.
    public let directory: String
    /// Whether the daemon's pipe is there.
    public let hasPipe: Bool

    /// - Parameter processes: `/proc`, or a directory like it.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment, processes: String = "/proc"
    ) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? []
        // The kernel's name for a process has 15 characters, which are the same for both.
        let programs = names.compactMap(Int32.init).sorted().compactMap { process -> (Int32, String)? in
            func text(_ file: String) -> String? {
                try? String(contentsOfFile: "\(processes)/\(process)/\(file)", encoding: .utf8)
            }
            guard text("comm") == "nvidia-cuda-mps\n", let line = text("cmdline") else { return nil }
            let program = line.split(separator: "\0").first.map { URL(fileURLWithPath: String($0)).lastPathComponent }
            return program.map { (process, $0) }
        }
        process = programs.first { $0.1 == "nvidia-cuda-mps-control" }?.0
        servers = programs.count { $0.1 == "nvidia-cuda-mps-server" }
        directory = environment["CUDA_MPS_PIPE_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp/nvidia-mps"
        hasPipe = FileManager.default.fileExists(atPath: directory + "/control")
    }

    public var isThere: Bool { process != nil || hasPipe }

    /// What is amiss, and what to do about it; nil: nothing.
    public var advice: String? {
        if process != nil, !hasPipe {
            return "its pipes are not in \(directory): set CUDA_MPS_PIPE_DIRECTORY to the directory that the daemon has"
        }
        if process == nil, hasPipe {
            return "no daemon of this machine or container can be seen: where it has ended, start it "
                + "(`nvidia-cuda-mps-control -d`) or remove \(directory)"
        }
        return nil
    }
}
