/// Environment variables that set something.
enum EnvironmentName {
    static func of(_ path: String) -> String {
        "HADAL_" + path.uppercased().replacing(".", with: "_")
    }

    /// Those that other parts of Hadal read.
    private static let others: Set = [
        "HADAL_CACHE", "HADAL_CONFIG", "HADAL_CUDA_DEVICE", "HADAL_ISA", "HADAL_MAP_WEIGHTS", "HADAL_NVML_LIBRARY",
        "HADAL_NVRTC_LIBRARY", "HADAL_STORE",
    ]

    /// Variables that look like a setting's with a slip. There may be others, such as those that Kubernetes makes for a
    /// service of this name, so that they are no errors.
    static func doubtful(in environment: [String: String], known: [String]) -> [String] {
        let names = Set(known).union(others)
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix("HADAL_"), !names.contains(name),
                let nearest = Suggestion.nearest(
                    to: String(name.dropFirst(6)), among: known.map { String($0.dropFirst(6)) })
            else { return nil }
            return "\(name) sets nothing; did you mean 'HADAL_\(nearest)'?"
        }
    }
}
