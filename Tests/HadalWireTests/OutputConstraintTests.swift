import HadalJSON
import HadalWire
import Testing

@Suite struct OutputConstraintTests {
    private func chat(_ members: String) throws -> ChatRequest {
        try ChatRequest(
            try JSON(parsing: #"{"model":"m","messages":[{"role":"user","content":"hi"}],\#(members)}"#))
    }

    static let forms: [(String, OutputConstraint?)] = [
        (#""response_format":{"type":"text"}"#, nil), (#""response_format":null"#, nil),
        (#""response_format":{"type":"json_object"}"#, OutputConstraint(.jsonObject, field: "response_format")),
        (
            #""response_format":{"type":"json_object","schema":{"type":"array"}}"#,
            OutputConstraint(.jsonSchema(["type": "array"], isStrict: false), field: "response_format.schema")
        ),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object"}}}"#,
            OutputConstraint(
                .jsonSchema(["type": "object"], isStrict: true), field: "response_format.json_schema.schema")
        ),
        (
            #""guided_json":{"type":"null"}"#,
            OutputConstraint(.jsonSchema(["type": "null"], isStrict: false), field: "guided_json")
        ),
        (
            #""guided_json":"{\"type\":\"null\"}""#,
            OutputConstraint(.jsonSchema(["type": "null"], isStrict: false), field: "guided_json")
        ),
        (#""guided_regex":"a+","guided_decoding_backend":"x""#, OutputConstraint(.regex("a+"), field: "guided_regex")),
        (#""guided_choice":["a","b"]"#, OutputConstraint(.choice(["a", "b"]), field: "guided_choice")),
        (#""guided_grammar":"root ::= \"a\"""#, OutputConstraint(.grammar(#"root ::= "a""#), field: "guided_grammar")),
        (#""structured_outputs":{"regex":"a"}"#, OutputConstraint(.regex("a"), field: "structured_outputs.regex")),
        (
            #""structured_outputs":{"json_object":true}"#,
            OutputConstraint(.jsonObject, field: "structured_outputs.json_object")
        ),
        (
            #""structured_outputs":{"json":true}"#,
            OutputConstraint(.jsonSchema(true, isStrict: false), field: "structured_outputs.json")
        ),
    ]

    @Test(arguments: forms.indices)
    func whatAnAnswerMustLookLikeIsRead(index: Int) throws {
        let (members, expected) = Self.forms[index]
        #expect(try chat(members).constraint == expected)
        let completion = try CompletionRequest(try JSON(parsing: #"{"model":"m","prompt":"p",\#(members)}"#))
        #expect(completion.constraint == expected)
    }

    @Test(arguments: forms.indices)
    func theWorkerGetsTheSame(index: Int) throws {
        var request = WorkerRequest(id: "r", prompt: .plain(.text("p")))
        request.constraint = Self.forms[index].1
        #expect(try WorkerRequest(request.json) == request)
    }

    @Test(arguments: [
        (#""response_format":"json""#, "response_format: expected an object"),
        (#""response_format":{}"#, "response_format.type: required"),
        (#""response_format":{"type":"xml"}"#, "response_format.type: must be one of text, json_object, json_schema"),
        (#""response_format":{"type":"json_schema"}"#, "response_format.json_schema: required"),
        (
            #""response_format":{"type":"json_schema","json_schema":{"schema":{}}}"#,
            "response_format.json_schema.name: required"
        ),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n"}}"#,
            "response_format.json_schema.schema: required"
        ),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":[]}}"#,
            "response_format.json_schema.schema: expected an object"
        ),
        (#""guided_choice":["a",1]"#, "guided_choice[1]: expected a string"),
        (#""guided_json":"{""#, "guided_json: expected a JSON Schema"),
        (#""guided_regex":"a","guided_choice":["b"]"#, "guided_choice: must be left out, since guided_regex is given"),
        (#""structured_outputs":{"structural_tag":"x"}"#, "structured_outputs.structural_tag: not supported yet"),
        (#""structured_outputs":{"jsn":{}}"#, "structured_outputs.jsn: unknown field"),
        (#""guided_whitespace_pattern":" ""#, "guided_whitespace_pattern: not supported yet"),
    ])
    func whatIsWrongIsNamed(members: String, message: String) throws {
        let error = #expect(throws: WireError.self) { try chat(members) }
        #expect(error?.description == message)
    }
}
