import HadalCheckpoint
import HadalModels

/// What of the catalogue fits a machine's memory.
extension CatalogueModel {
    /// The formats of `hadal pack`, the most bits first, with what files in them take.
    /// - Throws: `PlanError.noShape`
    public func storedBytes() throws -> [(format: String, bytes: Int)] {
        let model = try PlannedModel(self)
        let own = model.weights.storedBytes
        let packed = Plan.formats.map { (PlannedModel.title($0), model.weights.packed(as: $0).storedBytes) }
        return [(model.format, own)] + packed.filter { $0.0 != model.format && $0.1 < own }
    }

    /// The most bits in which it runs for one person with a conversation of 4096 tokens.
    /// - Parameter memory: bytes of a machine without accelerators.
    /// - Returns: nil: none, or not known.
    public func format(fitting memory: Int, settings: PlanSettings) -> String? {
        // Below the fewest bits: what is far too large need not be looked at, tensor by tensor.
        guard hasShape, billions * 1e9 * 0.5 < Double(memory), let model = try? PlannedModel(self),
            model.obstacle == nil,
            let load = try? Load(
                users: 1, context: min(4096, model.shape.context), answersPerMinute: 1e-6, promptTokens: 1,
                answerTokens: 1, latencyMax: 86_400),
            let plan = try? Plan(
                model, on: .given(memory: memory, bandwidth: 1e10, int8: 1e12), load: load, settings: settings)
        else { return nil }
        return plan.options.first { (try? $0.outcome.get()) != nil }?.format
    }
}
