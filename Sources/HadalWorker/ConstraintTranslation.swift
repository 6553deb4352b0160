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

extension GrammarSource {
    /// What a model writes from a call's opening to the end of its arguments.
    package init(arguments schema: JSON, _ syntax: ToolSyntax) {
        let options = SchemaOptions(closesObjects: true)
        let arguments: GrammarSource =
            if let elements = syntax.argumentElements {
                .elements(
                    schema, options,
                    ElementSyntax(
                        opening: elements.opening, names: elements.names, beforeText: elements.beforeText,
                        beforeValue: elements.beforeValue, closing: elements.closing, escaped: elements.rareScalar,
                        separator: elements.separator))
            } else {
                .jsonSchema(schema, options)
            }
        self = .sequence([.regex("[ \n]?"), arguments, .text(syntax.argumentEnding)])
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
    /// - Parameters:
    ///   - prefill: the call's beginning that stands in the prompt.
    ///   - shown: control tokens of the syntax.
    /// - Returns: nil where no tool is strict.
    /// - Throws: as above.
    func constraint(
        _ tools: ToolSettings, _ syntax: ToolSyntax, prefill: String, showing shown: Set<Int32>
    ) throws(WorkerFailure) -> GenerationConstraint? {
        // Elements have control tokens among the arguments, JSON has none.
        let marks = syntax.argumentElements == nil ? [] : shown
        var parts: [GenerationConstraint.Part] = []
        for (index, name, parameters) in tools.strict {
            let field = "tools[\(index)].function"
            guard parameters["type"] == "object" else {
                throw WorkerFailure(
                    .invalidRequest, "\(field).parameters.type: must be \"object\" in a strict tool",
                    field: "\(field).parameters.type")
            }
            let constraint: Constraint
            do throws(GrammarError) {
                constraint = try constraints.constraint(
                    GrammarSource(arguments: parameters, syntax), showing: marks)
            } catch {
                throw WorkerFailure(
                    .invalidRequest, "\(field).parameters: \(error)", field: "\(field).parameters")
            }
            parts += syntax.argumentOpenings(name: name).map { .init(opening: $0, constraint: constraint) }
        }
        return parts.isEmpty ? nil : .parts(parts, begun: prefill)
    }
}
