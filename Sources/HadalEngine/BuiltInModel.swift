import Foundation

/// guide, the small model that comes with Hadal.
public enum BuiltInModel {
    /// The MODEL that names it wherever the program is run from; a file of that name is `./guide`.
    public static let name = "guide"

    /// Where its file is, nil where the program was installed without it: beside the executable, in `share/hadal` of the
    /// place where it was installed, or in the checkout where it was built.
    public static func path(
        executable: URL? = Bundle.main.executableURL?.resolvingSymlinksInPath()
    ) -> String? {
        guard var folder = executable?.deletingLastPathComponent() else { return nil }
        var candidates = [folder.appending(path: "guide.gguf"), folder.appending(path: "../share/hadal/guide.gguf")]
        while folder.path != "/" {
            candidates.append(folder.appending(path: "Guide/guide.gguf"))
            folder.deleteLastPathComponent()
        }
        return candidates.map(\.standardizedFileURL.path).first { FileManager.default.fileExists(atPath: $0) }
    }
}
