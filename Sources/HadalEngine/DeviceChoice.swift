import Foundation
import HadalCUDA
import HadalCompute

/// Where a model is computed: `cpu`, `cuda` (the first card, or what `HADAL_CUDA_DEVICE` names), `cuda:1`, `cuda:GPU-…` or `cuda:MIG-…`.
public enum DeviceChoice: Sendable, Hashable, CustomStringConvertible {
    case cpu
    case cuda(CUDACardChoice?)

    public init(_ text: String) throws(EngineError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count > 1 ? String(parts[1]) : nil) {
        case ("cpu", nil): self = .cpu
        case ("cuda", nil): self = .cuda(nil)
        case ("cuda", let card?) where !card.isEmpty:
            guard let choice = try? CUDACardChoice(card) else { fallthrough }
            self = .cuda(choice)
        default:
            throw .invalidParameter("device", problem: "'\(text.prefix(200))': write cpu, cuda, cuda:1 or cuda:GPU-…")
        }
    }

    /// What `HADAL_DEVICE` says, else the processor.
    public static func standard(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(EngineError) -> DeviceChoice {
        let text = environment["HADAL_DEVICE"] ?? ""
        return text.isEmpty ? .cpu : try DeviceChoice(text)
    }

    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(nil), .cuda(.first): "cuda"
        case .cuda(.index(let index)): "cuda:\(index)"
        case .cuda(.uuid(let uuid)): "cuda:\(uuid)"
        }
    }

    /// - Parameters:
    ///   - threads: of the processor; nil: one a core, or `HADAL_THREADS`.
    ///   - memory: the most bytes of a card's; nil: all that is free.
    ///   - cache: bytes that keys and values will take, where that is known.
    ///   - later: bytes of another model that is loaded after the first.
    /// - Throws: `ComputeError`; `EngineError.unusableDevice`, which says what to do.
    public func open(threads: Int? = nil, memory: Int? = nil, cache: Int? = nil, later: Int = 0) throws
        -> any ComputeDevice
    {
        switch self {
        case .cpu: return try CPUDevice(threads: threads)
        case .cuda(let card):
            let limits = CUDALimits(memory: memory, cache: cache, later: later, threads: threads)
            do throws(CUDAError) { return try CUDADevice(card, limits: limits) } catch {
                throw EngineError.unusableDevice(description, problem: error.description, advice: error.advice)
            }
        }
    }
}
