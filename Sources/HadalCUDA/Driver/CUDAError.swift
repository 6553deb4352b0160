/// Why a card cannot be used, and what to do about it.
public enum CUDAError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's reason.
    case noDriver(reason: String)
    /// The driver lacks a function that is called.
    case oldDriver(missing: String)
    case noCard
    /// - Parameter cards: those that there are.
    case unknownCard(String, cards: [String])
    case invalidChoice(String)
    case unsuitedCard(String, ComputeCapability)
    /// Bytes; what was wanted, what the card has left, and what it has in all.
    /// What the model needs of a card at least is more than it may use.
    case limitTooSmall(limit: Int, needed: Int)
    case outOfMemory(what: String, wanted: Int, free: Int, total: Int)
    case noHostMemory(bytes: Int)
    /// - Parameter tried: libraries, with the system's reason of the first.
    case noCompiler(tried: [String], reason: String)
    /// - Parameter log: the compiler's.
    case notCompiled(source: String, architecture: String, log: String)
    case missingKernel(String)
    /// What of a model the kernels cannot compute.
    case unsuitedModel(String)
    /// A call, its `CUresult` (or `nvrtcResult`) and that one's name.
    case failed(call: String, code: Int32, name: String)

    public var description: String {
        switch self {
        case .noDriver(let reason): "NVIDIA's driver library libcuda.so.1 cannot be loaded: \(reason)"
        case .oldDriver(let function): "NVIDIA's driver is too old: its libcuda.so.1 has no \(function)"
        case .noCard: "NVIDIA's driver finds no card"
        case .unknownCard(let name, let cards):
            "no card \(name); there \(cards.count == 1 ? "is" : "are") \(cards.joined(separator: ", "))"
        case .invalidChoice(let text): "HADAL_CUDA_DEVICE=\(text): expected a card's number or its UUID"
        case .unsuitedCard(let name, let capability):
            "\(name) has compute capability \(capability); the kernels need \(ComputeCapability.least) or later"
        case .limitTooSmall(let limit, let needed):
            "the model needs \(ByteSize.text(needed)) of the card, experts aside, and may use \(ByteSize.text(limit))"
        case .outOfMemory(let what, let wanted, let free, let total):
            "the card has no room for \(what): \(ByteSize.text(wanted)) wanted, \(ByteSize.text(free)) of "
                + "\(ByteSize.text(total)) free"
        case .noHostMemory(let bytes): "no page-locked memory of \(ByteSize.text(bytes)) beside the card"
        case .noCompiler(let tried, let reason):
            "NVIDIA's run-time compiler (NVRTC) cannot be loaded: tried \(tried.joined(separator: ", ")); \(reason)"
        case .notCompiled(let source, let architecture, let log):
            "NVRTC does not compile \(source) for \(architecture):\n\(log)"
        case .missingKernel(let name): "the compiled kernels lack \(name)"
        case .unsuitedModel(let what): "the model has \(what)"
        case .failed(let call, let code, let name): "\(call): \(name) (\(code))"
        }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .noDriver:
            "install NVIDIA's driver; start a container with --gpus all and NVIDIA_DRIVER_CAPABILITIES=compute,utility"
        case .oldDriver: "update NVIDIA's driver to 525 or later"
        case .noCard:
            "`nvidia-smi -L` lists the cards; CUDA_VISIBLE_DEVICES may hide them; a card that is to be divided (MIG) is no card "
                + "until it has slices (`nvidia-smi mig -cgi …  -C`)"
        case .unknownCard, .invalidChoice:
            "`nvidia-smi -L` lists numbers and UUIDs, those of slices (MIG-…) too; unset HADAL_CUDA_DEVICE to use the first"
        case .unsuitedCard: "use another card, or the processor"
        case .unsuitedModel: "use the processor for it"
        case .outOfMemory:
            "end other programs on the card (`nvidia-smi` lists them), or take a smaller model, more quantised weights, fewer or "
                + "shorter contexts"
        case .limitTooSmall: "raise --gpu-memory, lower --kv-cache, or take more quantised weights"
        case .noHostMemory: "raise the limit of locked memory (`ulimit -l`), or free main memory"
        case .noCompiler:
            "`pip install nvidia-cuda-nvrtc-cu12`, or the distribution's package (libnvrtc12); HADAL_NVRTC_LIBRARY names a "
                + "libnvrtc.so.12 that lies elsewhere. Once compiled, the kernels are kept and it is not needed"
        case .notCompiled:
            "an NVRTC that is older than the card does not know it: install a newer one, not newer than the driver"
        case .missingKernel: "empty the directory of compiled kernels and start again"
        case .failed(_, let code, _): Self.advice(code)
        }
    }

    private static func advice(_ code: CUDAStatus) -> String {
        switch code {
        case CUDACode.noDevice: noCard.advice
        case CUDACode.invalidImage, CUDACode.noBinary, CUDACode.unsupportedPTX:
            "NVRTC is newer than the driver: update the driver, or install the NVRTC of its CUDA version"
        case CUDACode.systemDriverMismatch:
            "the driver was updated: restart the machine, or reload its kernel modules; start containers anew"
        default: "`dmesg | grep -e Xid -e NVRM` may say why; `hadal doctor` tells of driver and card"
        }
    }
}

enum ByteSize {
    /// `139.8 GiB`.
    static func text(_ bytes: Int) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1024, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(bytes) bytes" : "\((value * 10).rounded() / 10) \(units[unit])"
    }
}
