import HadalEngine
import HadalGrammar
import HadalJSON
import HadalTemplates
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

    /// Holds the arguments of strict tools to their schemas, wherever a call begins.
    ///
    /// - Parameter prefill: the call's beginning that stands in the prompt.
    /// - Returns: nil where no tool is strict.
    /// - Throws: as above; also where the model's syntax does not write arguments as one piece of JSON.
    func constraint(
        _ tools: ToolSettings, _ syntax: ToolSyntax, prefill: String
    ) throws(WorkerFailure) -> GenerationConstraint? {
        var parts: [GenerationConstraint.Part] = []
        for (index, name, parameters) in tools.strict {
            let field = "tools[\(index)].function"
            let openings = syntax.argumentOpenings(name: name)
            guard !openings.isEmpty else {
                throw WorkerFailure(
                    .unsupported,
                    "\(field).strict: this model writes arguments as elements, which are not held to a schema yet",
                    field: "\(field).strict")
            }
            guard parameters["type"] == "object" else {
                throw WorkerFailure(
                    .invalidRequest, "\(field).parameters.type: must be \"object\" in a strict tool",
                    field: "\(field).parameters.type")
            }
            let constraint: Constraint
            do throws(GrammarError) {
                constraint = try constraints.constraint(
                    .sequence([
                        .regex("[ \n]?"), .jsonSchema(parameters, SchemaOptions(closesObjects: true)),
                        .text(syntax.argumentEnding),
                    ]))
            } catch {
                throw WorkerFailure(
                    .invalidRequest, "\(field).parameters: \(error)", field: "\(field).parameters")
            }
            parts += openings.map { GenerationConstraint.Part(opening: $0, constraint: constraint) }
        }
        return parts.isEmpty ? nil : .parts(parts, begun: prefill)
    }
}
