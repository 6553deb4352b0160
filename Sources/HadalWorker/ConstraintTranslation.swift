import HadalEngine
import HadalGrammar
import HadalWire

extension GrammarSource {
    init(_ constraint: OutputConstraint) {
        self =
            switch constraint.form {
            case .jsonObject: .jsonObject
            case .jsonSchema(let schema, let isStrict): .jsonSchema(schema, SchemaOptions(closesObjects: isStrict))
            case .regex(let pattern): .regex(pattern)
            case .choice(let choices): .choice(choices)
            case .grammar(let text): .gbnf(text)
            }
    }
}

extension ModelHost {
    /// What a request's answer is held to.
    ///
    /// - Parameter start: where the prompt leaves the model.
    /// - Throws: `WorkerFailure` that names the request's field, and the schema's keyword and path.
    func constraint(
        _ wanted: OutputConstraint?, start: GenerationConstraint.Start
    ) throws(WorkerFailure) -> GenerationConstraint? {
        guard let wanted else { return nil }
        do throws(GrammarError) {
            return GenerationConstraint(try constraints.constraint(GrammarSource(wanted)), start: start)
        } catch {
            throw WorkerFailure(.invalidRequest, "\(wanted.field): \(error)", field: wanted.field)
        }
    }
}
