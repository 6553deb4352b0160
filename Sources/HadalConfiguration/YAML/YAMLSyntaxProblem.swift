import Yams

/// An error of the YAML parser in words that help.
struct YAMLSyntaxProblem {
    var mark: Mark?
    var problem: String
    var advice: String

    private static let general = "check the indentation, quotes and brackets here and in the line above"

    init(_ error: any Error, in text: YAMLText) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _):
            self.init(problem, at: mark, in: text)
        case YamlError.composer(_, _, let mark, _):
            self.init(
                mark: mark, problem: "a second document begins here",
                advice: "keep one: remove the line '---' or what follows")
        default: self.init(mark: nil, problem: "this is not YAML", advice: Self.general)
        }
    }

    private init(mark: Mark?, problem: String, advice: String) {
        self.mark = mark
        self.problem = problem
        self.advice = advice
    }

    private init(_ problem: String, at mark: Mark, in text: YAMLText) {
        self.mark = mark
        let scalar = text.scalar(line: mark.line, column: mark.column)
        switch (problem, scalar) {
        case (_, "\t"):
            self.problem = "a tab where only spaces may stand"
            advice = "indent with spaces"
        case ("found character that cannot start any token", let scalar?):
            self.problem = "a value cannot begin with \(quoted(String(scalar)))"
            advice = "put the value in quotes"
        case ("mapping values are not allowed in this context", _):
            self.problem = "a ':' inside a value, or a wrong indentation"
            advice = "put a value that contains ': ' in quotes, and align settings of a group"
        case ("could not find expected ':'", _), ("did not find expected key", _):
            self.problem = "this is no line 'name: value', or it is not aligned with its group"
            advice = Self.general
        case ("did not find expected ',' or ']'", _), ("did not find expected ',' or '}'", _):
            self.problem = "a list or group in brackets is not closed"
            advice = "close it, and put ',' between its values"
        case ("found unexpected end of stream", _):
            self.problem = "the file ends inside quotes"
            advice = "close the quotes"
        default:
            self.problem = "this is not YAML: \(problem)"
            advice = Self.general
        }
    }
}
