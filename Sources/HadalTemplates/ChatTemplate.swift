import Foundation
import HadalJSON

/// A model's Jinja chat template, parsed once and rendered for every request.
///
/// The language is the part of Jinja that Hugging Face's `apply_chat_template` offers: an
/// `ImmutableSandboxedEnvironment` with `trim_blocks`, `lstrip_blocks`, loop controls, and the functions
/// `raise_exception` and `strftime_now`. Values have Python's types and print as Python prints them. What differs:
/// integers have 64 bits, lazy filters are evaluated at once, recursive loops, `groupby`, includes and inheritance are
/// missing.
public struct ChatTemplate: Sendable {
    public let source: String
    private let statements: [Statement]

    /// Bytes of a template's source. The largest published ones have some 20 kB.
    public static let sourceLimit = 1 << 20

    public init(source: String) throws(TemplateError) {
        guard source.utf8.count <= ChatTemplate.sourceLimit else {
            throw .limitExceeded(line: 1, what: "bytes of template", limit: ChatTemplate.sourceLimit)
        }
        self.source = source
        statements = try Parser.statements(of: source)
    }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - variables: an object: `messages`, `tools`, `add_generation_prompt`, `bos_token` and what else it reads.
    ///   - now: what `strftime_now` shows, in `timeZone`.
    public func render(
        _ variables: JSON, now: Date = Date(), timeZone: TimeZone = .current, limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) -> String {
        guard let variables = variables.object else {
            throw .rendering(line: 1, problem: "the template's variables are no JSON object")
        }
        let interpreter: Interpreter
        do {
            interpreter = try Interpreter(
                variables: variables, clock: TemplateClock(now, in: timeZone), limits: limits)
        } catch {
            throw (error as? Failure)?.located(at: 1) ?? .rendering(line: 1, problem: "\(error)")
        }
        do {
            return try interpreter.run(statements)
        } catch {
            let line = interpreter.line
            throw (error as? Failure)?.located(at: line) ?? .rendering(line: line, problem: "\(error)")
        }
    }
}
