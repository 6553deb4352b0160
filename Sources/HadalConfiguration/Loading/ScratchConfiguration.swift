import Foundation
import Yams

/// A configuration for a server that only tries whether what was stored can be used: of another one's file all but what it
/// serves, where it listens and what it does with others.
public enum ScratchConfiguration {
    private static let removed = [
        "listen", "insecure", "models", "deployments", "routes", "outlier_detection", "workers", "tls", "backup",
    ]

    /// - Returns: YAML; nil where the text is no mapping.
    public static func make(from text: String) -> String? {
        guard let node = try? Yams.compose(yaml: text), case .mapping(var mapping) = node else {
            return text.split(separator: "\n").allSatisfy { $0.isEmpty || $0.hasPrefix("#") } ? "" : nil
        }
        for key in removed { mapping[.init(key)] = nil }
        return try? Yams.serialize(node: .mapping(mapping))
    }
}
