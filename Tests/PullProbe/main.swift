import Foundation
import HadalPull
import HadalStore

// A process for tests to kill: PullProbe STORE ADDRESS REPOSITORY PIECE-BYTES SAVE-BYTES

let arguments = CommandLine.arguments
var settings = PullSettings()
settings.connections = 2
settings.pieceBytes = Int64(arguments[4])!
settings.saveBytes = Int64(arguments[5])!
let source = try ModelSource(arguments[2], environment: [:])
let pull = ModelPull(store: ModelStore(directory: arguments[1]), source: source, settings: settings)
do {
    _ = try await pull.run(try ModelReference(arguments[3]))
} catch {
    print("error: \(error)")
    exit(1)
}
