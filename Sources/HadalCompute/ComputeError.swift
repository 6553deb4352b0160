/// Why a device cannot be made or cannot take a weight.
public enum ComputeError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownInstructionSet(String)
    case missingInstructionSet(String)
    case invalidThreads(String)
    case noThreads(Int)
    case outOfMemory(bytes: Int, what: String)
    case unusableWeight(tensor: String, problem: String)

    public var description: String {
        switch self {
        case .unknownInstructionSet(let name):
            "HADAL_ISA=\(name): expected scalar, avx2, avx512 or neon"
        case .missingInstructionSet(let name):
            "HADAL_ISA=\(name): this processor does not have it; unset HADAL_ISA to use the best it has"
        case .invalidThreads(let text):
            "HADAL_THREADS=\(text): expected a whole number from 1 to 1024"
        case .noThreads(let count):
            "cannot start \(count) threads; set HADAL_THREADS to fewer"
        case .outOfMemory(let bytes, let what):
            "not enough memory for \(what): \(bytes) bytes"
        case .unusableWeight(let tensor, let problem):
            "tensor \(tensor): \(problem)"
        }
    }
}
