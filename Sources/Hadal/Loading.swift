import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels
import HadalTerminal

/// Does long work under a progress bar, which goes when the work is done.
/// - Parameter body: is given a function to report 0…1 to.
func withProgress<Result>(_ label: String, _ body: (@escaping @Sendable (Double) -> Void) throws -> Result) rethrows
    -> Result
{
    let bar = ProgressBar(label)
    defer { bar.finish() }
    return try body { bar.update($0) }
}

/// Loads a model with tokenizer and engine.
func loadHost(_ reference: String, opener: FileOpener) throws -> ModelHost {
    var options = LoadOptions()
    options.opener = opener
    return try withProgress("loading \(ModelFiles.name(of: reference))") {
        try ModelHost.load(reference, options: options, progress: $0)
    }
}

/// Loads a model alone, to compute with directly.
func loadModel(_ checkpoint: Checkpoint, named name: String, maximumRows: Int) throws -> any LanguageModel {
    try withProgress("loading \(name)") {
        try ModelLoader.load(checkpoint, device: DeviceChoice.standard().open(), maximumRows: maximumRows, progress: $0)
    }
}
