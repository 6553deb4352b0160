import ArgumentParser
import Foundation
import HadalConfiguration

/// Where users, keys, limits, files and all else that is kept lies: one directory for a server and the commands beside it.
struct DataOption: ParsableArguments {
    @Option(help: ArgumentHelp("The data directory. Default: HADAL_DATA, or ~/.local/share/hadal.", valueName: "dir"))
    var data: String?

    /// `--data`, else `HADAL_DATA`, else `$XDG_DATA_HOME/hadal` or `~/.local/share/hadal`.
    var url: URL {
        let environment = ProcessInfo.processInfo.environment
        let given = data ?? environment["HADAL_DATA"].flatMap { $0.isEmpty ? nil : $0 }
        return URL(
            fileURLWithPath: given ?? DataDirectory.standard(environment: environment), isDirectory: true
        ).standardizedFileURL
    }
}
