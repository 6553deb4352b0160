import Foundation
import HadalKernels

/// The processor's instructions that the kernels are chosen for.
public enum InstructionSet: String, Sendable, CaseIterable {
    case scalar, avx2, avx512, neon

    /// What this machine can run, the best last.
    public static var available: [InstructionSet] {
        let features = hadal_cpu_features()
        var list: [InstructionSet] = [.scalar]
        if features & UInt32(HADAL_HAS_AVX2) != 0 { list.append(.avx2) }
        if features & UInt32(HADAL_HAS_AVX512) != 0 { list.append(.avx512) }
        if features & UInt32(HADAL_HAS_NEON_DOT) != 0 { list.append(.neon) }
        return list
    }

    /// The best this machine has, or what `HADAL_ISA` names.
    public static func chosen(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ComputeError) -> InstructionSet {
        guard let name = environment["HADAL_ISA"], !name.isEmpty else { return available.last! }
        guard let set = InstructionSet(rawValue: name) else { throw .unknownInstructionSet(name) }
        guard available.contains(set) else { throw .missingInstructionSet(name) }
        return set
    }

    /// The kernels; only for sets in `available`.
    package var kernels: UnsafePointer<hadal_kernels> {
        let set: hadal_instruction_set =
            switch self {
            case .scalar: HADAL_SCALAR
            case .avx2: HADAL_AVX2
            case .avx512: HADAL_AVX512
            case .neon: HADAL_NEON
            }
        return hadal_kernels_for(set)
    }
}
