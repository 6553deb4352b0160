import Foundation
import HadalEngine
import HadalTerminal

/// Loads a model with a progress bar.
func loadHost(_ reference: String, options: LoadOptions = LoadOptions()) throws -> ModelHost {
    let bar = ProgressBar(label: "loading \(ModelFiles.name(of: reference))")
    defer { bar.finish() }
    return try ModelHost.load(reference, options: options) { bar.update($0) }
}
