import Crypto
import Foundation

/// Compiled kernels on disk, a file each. A file that is damaged, or cannot be read, is as if it were not there; one that cannot be
/// written costs the next start its compilation, nothing more.
package struct CubinCache: Sendable {
    /// What a compiled file depends on beside NVRTC, which stands in the file: where there is no NVRTC any version's will do.
    struct Key {
        var source: KernelSource
        var headers: [KernelSource]
        var architecture: String
        var options: [String]
        var driverVersion: String

        /// `products-sm_90a-0123….cubin`.
        var fileName: String {
            var hash = SHA256()
            func add(_ text: String) {
                hash.update(data: Array(text.utf8))
                hash.update(data: [0])
            }
            for file in [source] + headers {
                add(file.name)
                add(file.text)
            }
            for option in [architecture, driverVersion] + options { add(option) }
            let stem = source.name.split(separator: ".").first ?? "kernels"
            return "\(stem)-\(architecture)-\(hexadecimal(hash.finalize().prefix(16))).cubin"
        }
    }

    private static let mark = "hadal cubin 1"

    /// Made when something is written.
    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// `cuda` in `HADAL_CACHE`, else in `$XDG_CACHE_HOME/hadal` or `~/.cache/hadal`.
    package static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> CubinCache {
        func named(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let place =
            named("HADAL_CACHE") ?? named("XDG_CACHE_HOME").map { $0 + "/hadal" }
            ?? NSHomeDirectory() + "/.cache/hadal"
        return CubinCache(directory: place + "/cuda")
    }

    /// - Parameter version: NVRTC's; nil for any.
    func find(_ key: Key, version: String?) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: directory + "/" + key.fileName) else { return nil }
        let bytes = Array(data)
        guard let end = bytes.firstIndex(of: 10) else { return nil }
        let line = String(decoding: bytes[..<end], as: UTF8.self)
        let cubin = Array(bytes[(end + 1)...])
        guard let known = version else {
            let parts = line.split(separator: " ")
            return parts.count > 3 && line == Self.heading(String(parts[3]), cubin) ? cubin : nil
        }
        return line == Self.heading(known, cubin) ? cubin : nil
    }

    /// Under a name of its own first, so that nobody reads half of it.
    func keep(_ cubin: [UInt8], _ key: Key, version: String) {
        let files = FileManager.default
        try? files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let place = directory + "/" + key.fileName
        let temporary = place + ".\(UUID().uuidString)"
        let content = Array(Self.heading(version, cubin).utf8) + [10] + cubin
        guard files.createFile(atPath: temporary, contents: Data(content)) else { return }
        if rename(temporary, place) != 0 { unlink(temporary) }
    }

    private static func heading(_ version: String, _ cubin: [UInt8]) -> String {
        "\(mark) \(version) \(hexadecimal(SHA256.hash(data: cubin)))"
    }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
