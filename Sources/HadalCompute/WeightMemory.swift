import Foundation
import HadalCheckpoint

/// Memory for weights, from pieces that are mapped at once and in huge pages where the system has them: a decode step reads
/// all weights, and with pages of 4 KiB looking up their places costs it up to 15 % (`Benchmarks/RESULTS.md`).
package final class WeightMemory {
    /// What is mapped at once at least. Only what is written takes memory.
    private static let pieceBytes = 256 << 20
    fileprivate static let hugePageBytes = 2 << 20
    /// The kernels prefetch and load whole registers past the last block of a panel.
    private static let readPastEnd = 4096

    /// Unmapped with the last weight in it.
    package final class Piece: @unchecked Sendable {
        fileprivate let start: UnsafeMutableRawPointer
        fileprivate let bytes: Int
        fileprivate var used = 0

        fileprivate init?(_ bytes: Int, usesHugePages: Bool) {
            // The start of what is mapped is a huge page's or not; what is too much at both ends is given back.
            let whole = bytes + WeightMemory.hugePageBytes
            guard
                let address = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                address != MAP_FAILED
            else { return nil }
            let lead = -Int(bitPattern: address) & (WeightMemory.hugePageBytes - 1)
            if lead > 0 { munmap(address, lead) }
            munmap(address + lead + bytes, WeightMemory.hugePageBytes - lead)
            start = address + lead
            self.bytes = bytes
            // Weights have no place in a core dump.
            madvise(start, bytes, MADV_DONTDUMP)
            if usesHugePages { madvise(start, bytes, 14 /* MADV_HUGEPAGE */) }
        }

        deinit { munmap(start, bytes) }
    }

    private let usesHugePages: Bool
    private let mapsPanels: Bool
    private var piece: Piece?
    /// Of weights that stay in their file.
    package private(set) var mappedBytes = 0

    /// - Parameters:
    ///   - usesHugePages: nil for yes, unless `HADAL_HUGE_PAGES=0`.
    ///   - mapsPanels: whether panels stay where their file is mapped, so that a model starts at once and several workers share
    ///     its memory, at the price of small pages; nil for no, unless `HADAL_MAP_WEIGHTS=1`.
    package init(
        usesHugePages: Bool? = nil, mapsPanels: Bool? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.usesHugePages = usesHugePages ?? (environment["HADAL_HUGE_PAGES"] != "0")
        self.mapsPanels = mapsPanels ?? (environment["HADAL_MAP_WEIGHTS"] == "1")
    }

    /// Where the panels of a tensor can stay; nil where they have to be copied.
    package func place(of tensor: Tensor) -> UnsafeMutablePointer<UInt8>? {
        guard mapsPanels, tensor.layout == .panels, let start = tensor.data.baseAddress,
            // Registers are loaded whole, also past the end.
            Int(bitPattern: start) % 64 == 0, tensor.bytesBehind >= Self.readPastEnd
        else { return nil }
        mappedBytes += tensor.data.count
        return UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: UInt8.self))
    }

    /// Room for `bytes`, page-aligned, which stays as long as its piece; nil where there is no memory.
    package func allocate(_ bytes: Int) -> (start: UnsafeMutablePointer<UInt8>, piece: Piece)? {
        let needed = (bytes + 4095) / 4096 * 4096
        if piece.map({ $0.bytes - $0.used < needed + Self.readPastEnd }) ?? true {
            let wanted = max(Self.pieceBytes, needed + Self.readPastEnd)
            let rounded = (wanted + Self.hugePageBytes - 1) / Self.hugePageBytes * Self.hugePageBytes
            piece = Piece(rounded, usesHugePages: usesHugePages)
        }
        guard let piece else { return nil }
        defer { piece.used += needed }
        return ((piece.start + piece.used).assumingMemoryBound(to: UInt8.self), piece)
    }
}
