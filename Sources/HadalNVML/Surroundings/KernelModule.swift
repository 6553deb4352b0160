import Foundation

/// NVIDIA's part of the kernel.
public enum KernelModule {
    /// Of the module that is loaded; nil: none is.
    /// - Parameter file: what the module tells, as `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …`.
    public static func version(_ file: String = "/proc/driver/nvidia/version") -> String? {
        (try? String(contentsOfFile: file, encoding: .utf8))?.firstMatch(of: /\s(\d+\.\d+(\.\d+)*)\s/)
            .map { String($0.1) }
    }
}
