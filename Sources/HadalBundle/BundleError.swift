import Foundation
import HadalStore

/// Why a bundle cannot be made or taken, and what to do.
public enum BundleError: Error, Sendable, Hashable {
    /// - offset: in the file, in bytes, where it is known.
    case badIndex(file: String, field: String, offset: Int?, problem: String)
    case newerFormat(file: String, version: String)
    case badSignature(file: String)
    case unsigned(file: String)
    case unknownSigner(file: String, key: PublicKey, trustedKeys: String)
    case badKey(path: String, problem: String)
    /// - offset: in bytes.
    case badPart(file: String, offset: Int64, problem: String)
    /// A file that came whole and is not what the index says.
    case wrongBlob(path: FilePath, told: BlobDigest, found: BlobDigest)
    /// The store's own file is not what its manifest says.
    case damagedModel(name: String, path: FilePath)
    case exists(path: String)
    case cannotWrite(path: String, code: Int32)
    case noRoom(directory: String, needed: Int64, free: Int64)
    case badSplit(problem: String)
    /// What an import would refuse.
    case tooMuch(problem: String)
    /// A model of the store that a bundle has with other bytes, although of the same commit.
    case otherFiles(model: String, file: String)
    case badName(String)
}

extension BundleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badIndex(let file, let field, let offset, let problem):
            "\(file): \(field)\(offset.map { " at byte \($0)" } ?? ""): \(problem); copy the file again from where it "
                + "was exported, and take nothing from this one"
        case .newerFormat(let file, let version):
            "\(file) has format \(version), which this hadal does not know; use the one that wrote it, or a newer one"
        case .badSignature(let file):
            "\(file) was changed after it was signed, or damaged on its way; copy it again from where it was exported"
        case .unsigned(let file):
            "\(file) is not signed, so nobody can say where it comes from; have it exported with --key, or say "
                + "--unsigned where you know its way"
        case .unknownSigner(let file, let key, let trustedKeys):
            "\(file) is signed by \(key.fingerprint), whom this store does not trust; compare that with the "
                + "fingerprint that the exporter tells you, then give --trust '\(key.text)', or add that as a line to "
                + trustedKeys
        case .badKey(let path, let problem): "\(path): \(problem)"
        case .badPart(let file, let offset, let problem): "\(file) at byte \(offset): \(problem)"
        case .wrongBlob(let path, let told, let found):
            "\(path) has the SHA-256 \(found.hex) instead of \(told.hex), and was thrown away; import again, and where "
                + "it is the same then, have the bundle exported anew"
        case .damagedModel(let name, let path):
            "\(path) of \(name) is damaged or gone; hadal verify says more, and hadal pull mends it"
        case .exists(let path):
            "\(path) is there already; remove it, or give this one another name (--name) or place (--to)"
        case .cannotWrite(let path, let code):
            "cannot write \(path): \(String(cString: strerror(code)))"
                + (code == EFBIG
                    ? "; this disk takes only smaller files (--split SIZE)" : "; export to another disk (--to DIR)")
        case .noRoom(let directory, let needed, let free):
            "\(directory) has \(ByteCount.text(free)) free, and \(ByteCount.text(needed)) are needed; use another "
                + "disk (--to DIR), or export fewer models at once"
        case .badSplit(let problem): "--split: \(problem)"
        case .tooMuch(let problem): "\(problem), which no bundle can have; nothing was exported"
        case .otherFiles(let model, let file):
            "\(model) is here, and \(file) has other bytes for the same commit: what is here stays; to take those of "
                + "the bundle, remove the model first (hadal models rm)"
        case .badName(let name):
            "--name: '\(name)' is not of letters, digits, '.', '_' and '-', beginning with a letter or a digit"
        }
    }
}
