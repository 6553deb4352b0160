import ArgumentParser
import HadalAudit
import HadalCheckpoint
import HadalConfiguration
import HadalEngine
import HadalGateway

/// The model that a recorded question is asked again, and how it is loaded: as the server does it, since that may
/// change bits of its answers.
struct ReplayModel {
    /// As a person names it.
    let reference: String
    private let engine: [String]

    /// - Parameter reference: nil: the model of the record's name, as it is configured.
    init(_ reference: String?, of record: AuditRecord, _ settings: HadalSettings) throws {
        if let reference {
            self.reference = reference
            engine = settings.engine.arguments
            return
        }
        guard let name = record.model else { throw CommandFailure("the record names no model; give --model") }
        let configured = settings.models.first { ($0.name ?? ServedModel(parsing: $0.model).name) == name }
        if let configured {
            guard configured.worker == nil else {
                throw CommandFailure("'\(name)' runs on another machine; give --model with a copy of its files")
            }
            guard !configured.upstream.isGiven else {
                throw CommandFailure("'\(name)' is served by another server, whose answers cannot be asked again here")
            }
            self.reference = configured.model
            engine = settings.engine(for: configured).arguments
        } else if name == BuiltInModel.name {
            self.reference = BuiltInModel.name
            engine = settings.engine.arguments
        } else {
            throw CommandFailure("no model '\(name)' is configured; give --model")
        }
    }

    /// Without what only makes answers come sooner, and files that the server uses.
    func loadOptions(_ opener: FileOpener) throws -> LoadOptions {
        var options = try EngineSettings.parse(engine).loadOptions
        options.engine.prefixStore = nil
        options.draftModel = nil
        options.opener = opener
        return options
    }
}
