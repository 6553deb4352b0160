import HadalStore

/// One GGUF model of a repository: a file, or all parts of a split set.
struct GGUFSet: CustomStringConvertible {
    /// In the order of the parts.
    let files: [RemoteModel.File]
    /// `Q4_K_M`, or where the name says none, or two models have the same, the file's name without its ending.
    let variant: String

    var description: String { "\(variant) (\(ByteCount.text(files.reduce(0) { $0 + $1.size })))" }

    /// All that are models, by their variants.
    /// - Throws: `PullError.incompleteSet`
    static func all(in files: [RemoteModel.File]) throws(PullError) -> [GGUFSet] {
        var sets: [String: [RemoteModel.File]] = [:]
        for file in files where isModel(file.path) { sets[stem(of: file.path), default: []].append(file) }
        let labels = sets.keys.reduce(into: [:]) { counts, stem in counts[quantization(stem), default: 0] += 1 }
        var all: [GGUFSet] = []
        for (stem, files) in sets {
            let files = files.sorted { $0.path < $1.path }
            if let parts = parts(of: files[0].path)?.count, parts != files.count {
                throw .incompleteSet(file: files[0].path.text, parts: parts, found: files.count)
            }
            let quantization = quantization(stem)
            let name = String(stem.split(separator: "/").last ?? "")
            let label = quantization.flatMap { labels[$0] == 1 ? $0 : nil } ?? name
            // What is no name of a variant can still be chosen by a pattern.
            let fit = String(
                label.prefix(96).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "." }
            )
            let variant = fit.drop { !$0.isLetter && !$0.isNumber }.split(separator: ".").joined(separator: ".")
            all.append(GGUFSet(files: files, variant: variant.isEmpty ? "gguf" : variant))
        }
        return all.sorted { $0.variant < $1.variant }
    }

    /// Not a picture encoder or an importance matrix beside models.
    private static func isModel(_ path: FilePath) -> Bool {
        let name = path.name.lowercased()
        return name.hasSuffix(".gguf") && !name.contains("mmproj") && !name.contains("imatrix")
    }

    private static func parts(of path: FilePath) -> (stem: Substring, count: Int)? {
        guard let match = path.text.wholeMatch(of: /(.+)-[0-9]{5}-of-([0-9]{5})\.gguf/), let count = Int(match.2) else {
            return nil
        }
        return (match.1, count)
    }

    /// The path without `-00001-of-00003` and `.gguf`.
    private static func stem(of path: FilePath) -> String {
        parts(of: path).map { String($0.stem) } ?? String(path.text.dropLast(5))
    }

    private static func quantization(_ stem: String) -> String? {
        let pattern = /.*?[-._\/]?((?:UD-)?(?:I?Q[0-9]|TQ[0-9]|BF16|FP?16|FP?32|MXFP4)[A-Za-z0-9_]*)/.ignoresCase()
        let name = String(stem.split(separator: "/").last ?? "")
        return name.wholeMatch(of: pattern).map { String($0.1).uppercased() }
    }
}
