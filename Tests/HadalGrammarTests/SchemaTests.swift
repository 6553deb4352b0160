import HadalGrammar
import HadalJSON
import Testing

@Suite struct SchemaTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var schema: String
        var accepted: [String]
        var refused: [String]
        var testDescription: String { schema }

        init(_ schema: String, _ accepted: [String], not refused: [String]) {
            self.schema = schema
            self.accepted = accepted
            self.refused = refused
        }
    }

    static let examples = [
        Example(
            "true", ["1", "\"a\"", "{\"a\": [1, {}]}", "[]", "-0.5e10", "null"], not: ["", "{", "01", "[1,]", "nul"]),
        Example(#"{"type": "integer"}"#, ["0", "-1", "42"], not: ["-0", "01", "1.0", "1e3", "\"1\"", "+1"]),
        Example(#"{"type": "number"}"#, ["0", "-0", "1.50", "1e3", "-2.5E-10"], not: [".5", "1.", "1e", "0x1", "00"]),
        Example(
            #"{"type": "integer", "minimum": -5, "maximum": 12}"#, ["-5", "0", "9", "12"],
            not: ["-6", "13", "100", "-0"]),
        Example(
            #"{"type": "number", "exclusiveMinimum": 0.5, "maximum": 10.25}"#,
            ["0.51", "1", "10", "10.25", "10.2", "0.5000001"],
            not: ["0.5", "0.50", "10.26", "10.250001", "11", "-1", "0"]),
        Example(
            #"{"type": "number", "minimum": -1.5, "exclusiveMaximum": -0.25}"#, ["-1.5", "-1", "-0.26", "-0.3"],
            not: ["-1.51", "-0.25", "0", "-0", "1"]),
        Example(#"{"type": "integer", "multipleOf": 7}"#, ["0", "7", "-14", "700"], not: ["1", "8", "-15"]),
        Example(
            #"{"type": "number", "multipleOf": 0.25}"#, ["0.25", "1", "1.5", "2.75"], not: ["0.3", "0.251", "0.26"]),
        Example(
            #"{"type": "number", "minimum": 1e-3, "maximum": 1e3}"#, ["0.001", "1000", "5"],
            not: ["0.0009", "1001", "0"]),
        Example(
            #"{"type": "string"}"#, [#""""#, #""aé日😀""#, #""\n\"\\\/\u00e9\ud83d\ude00""#],
            not: ["\"\n\"", #""\x""#, #""\ud83d""#, #""\u00g0""#, "'a'", "\"a"]),
        Example(
            #"{"type": "string", "minLength": 2, "maxLength": 3}"#, [#""ab""#, #""日本語""#, #""\n\u00e9""#, #""😀😀""#],
            not: [#""a""#, #""abcd""#, #""""#]),
        Example(
            #"{"type": "string", "pattern": "^a+b?$"}"#, [#""a""#, #""aaab""#], not: [#""b""#, #""ab ""#, #""""#]),
        Example(#"{"type": "string", "pattern": "b"}"#, [#""b""#, #""abc""#, #""\"b\n""#], not: [#""a""#, #""""#]),
        Example(
            #"{"type": "string", "pattern": "^[a-z]*$", "minLength": 3, "maxLength": 4}"#, [#""abc""#, #""abcd""#],
            not: [#""ab""#, #""abcde""#, #""ABC""#]),
        Example(
            #"{"type": "string", "format": "date"}"#, [#""2024-02-29""#, #""2023-12-31""#],
            not: [#""2023-02-29""#, #""2023-13-01""#, #""2023-1-1""#]),
        Example(
            #"{"format": "ipv6"}"#, [#""::1""#, #""1:2:3:4:5:6:7:8""#, #""1::8""#, #""::ffff:1.2.3.4""#, "1"],
            not: [#""1:2:3""#, #"":::""#, #""1:2:3:4:5:6:7:8:9""#, #""12345::""#]),
        Example(#"{"format": "uuid"}"#, [#""12345678-1234-1234-1234-1234567890ab""#], not: [#""12345678""#]),
        Example(#"{"format": "an unknown one"}"#, [#""anything""#], not: []),
        Example(
            #"{"enum": ["a", 1, null, {"b": [2]}, 1.5]}"#,
            [#""a""#, "1", "null", #"{"b": [2]}"#, #"{ "b":[ 2 ] }"#, "1.5"],
            not: [#""b""#, "2", "{}", "11"]),
        Example(
            #"{"enum": ["aa", "b", 1, 20], "minLength": 2, "maximum": 10}"#, [#""aa""#, "1"], not: [#""b""#, "20"]),
        Example(#"{"const": {"a": 1}}"#, [#"{"a":1}"#, #"{"a": 1}"#], not: ["{}", #"{"a":1,"a":1}"#]),
        Example(
            #"{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"], "additionalProperties": false}"#,
            [#"{"a":1}"#, #"{"a": 1, "b": "x"}"#, #"{ "a": 1,"b": "" }"#],
            not: ["{}", #"{"b":"x"}"#, #"{"b":"x","a":1}"#, #"{"a":1,}"#, #"{"a":1,"c":2}"#, #"{"a":1,  "b":""}"#]),
        Example(
            #"{"properties": {"a": {"type": "integer"}}}"#,
            ["{}", #"{"a":1}"#, #"{"a":1,"c":"","d":[]}"#, #"{"ab":""}"#, #"{"":1}"#, "[]"],
            not: [#"{"a":""}"#, #"{"c":1,"a":1}"#]),
        Example(
            #"{"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 1, "maxProperties": 2}"#,
            [#"{"a":true}"#, #"{"a":true,"b":false}"#], not: ["{}", #"{"a":1}"#, #"{"a":true,"b":true,"c":true}"#]),
        Example(
            #"{"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 2, "maxProperties": 2, "additionalProperties": false}"#,
            [#"{"a":1,"c":1}"#, #"{"b":1,"c":1}"#], not: ["{}", #"{"a":1}"#, #"{"a":1,"b":1,"c":1}"#]),
        Example(
            #"{"type": "object", "patternProperties": {"^x": {"type": "integer"}, "y$": {"minimum": 5}}, "additionalProperties": false}"#,
            [#"{"x":1,"y":9,"xy":7}"#, "{}"], not: [#"{"x":"a"}"#, #"{"xy":2}"#, #"{"z":1}"#, #"{"y":4}"#]),
        Example(
            #"{"type": "object", "propertyNames": {"maxLength": 2}, "properties": {"abc": {}}}"#, [#"{"ab":1}"#],
            not: [#"{"abc":1}"#, #"{"xyz":1}"#]),
        Example(
            #"{"required": ["q"], "type": "object"}"#, [#"{"q":1}"#, #"{"q":1,"r":2}"#], not: ["{}", #"{"r":2}"#]),
        Example(
            #"{"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}"#,
            ["[1]", "[1, 2,3]", "[ 1 ]"],
            not: ["[]", "[1,2,3,4]", "[\"a\"]", "[1,]", "[,1]"]),
        Example(
            #"{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false}"#,
            ["[]", "[1]", #"[1,"a"]"#], not: [#"["a"]"#, #"[1,"a",1]"#]),
        Example(
            #"{"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "string"}, "minItems": 2, "maxItems": 3}"#,
            [#"[1,"a"]"#, #"[1,"a","b"]"#], not: ["[1]", #"[1,"a","b","c"]"#]),
        Example(
            #"{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "integer"}], "additionalItems": {"type": "null"}}"#,
            ["[1,null,null]", "[]"], not: ["[null]", "[1,1]"]),
        Example(
            #"{"type": "array", "contains": {"const": 5}, "items": {"type": "integer"}}"#, ["[5]", "[1,5,2]", "[5,5]"],
            not: ["[]", "[1]", "[5,\"a\"]"]),
        Example(
            #"{"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 1}]}"#, ["1", #""a""#],
            not: [#""ab""#, "null"]),
        Example(#"{"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 5}]}"#, ["3", "5"], not: ["2", "6"]),
        Example(
            #"{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"a": {"minimum": 3}, "b": {"type": "null"}}}], "type": "object"}"#,
            [#"{"a":3}"#, #"{"a":4,"b":null}"#], not: [#"{"a":2}"#, "{}", #"{"a":3,"b":1}"#]),
        Example(
            #"{"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}"#, ["1", "5.5"], not: ["7", "1.5"]),
        Example(
            #"{"oneOf": [{"properties": {"k": {"const": "a"}, "x": {"type": "integer"}}, "required": ["k", "x"], "type": "object"}, {"properties": {"k": {"const": "b"}}, "required": ["k"], "type": "object"}]}"#,
            [#"{"k":"a","x":1}"#, #"{"k":"b"}"#], not: [#"{"k":"a"}"#, #"{"k":"c"}"#]),
        Example(#"{"not": {"type": ["string", "object"]}}"#, ["1", "[]", "null"], not: [#""a""#, "{}"]),
        Example(
            #"{"type": "string", "not": {"enum": ["a", "bb"]}}"#, [#""b""#, #""aa""#, #""""#], not: [#""a""#, #""bb""#]),
        Example(#"{"type": "object", "not": {"required": ["a"]}}"#, ["{}", #"{"b":1}"#], not: [#"{"a":1}"#]),
        Example(#"{"type": "integer", "not": {"const": 7}, "minimum": 5, "maximum": 8}"#, ["5", "6", "8"], not: ["7"]),
        Example(
            #"{"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}, "type": "object", "properties": {"a": {"type": "integer"}, "b": {}, "c": {}}}"#,
            [#"{"a":1,"b":0}"#, #"{"a":2,"c":0}"#, #"{"c":0}"#],
            not: [#"{"a":1,"c":0}"#, #"{"a":1}"#, #"{"a":2,"b":0}"#]),
        Example(
            #"{"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}}"#,
            ["{}", #"{"b":1}"#, #"{"a":1,"b":1}"#], not: [#"{"a":1}"#]),
        Example(
            ##"{"$defs": {"node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}}, "required": ["v"], "additionalProperties": false}}, "$ref": "#/$defs/node"}"##,
            [#"{"v":1}"#, #"{"v":1,"next":{"v":2,"next":{"v":3}}}"#],
            not: [#"{"v":1,"next":{}}"#, #"{"v":1,"next":1}"#]),
        Example(
            ##"{"$id": "https://a.example/s", "$defs": {"x": {"$anchor": "num", "type": "number"}, "y": {"$id": "t", "type": "string"}}, "properties": {"p": {"$ref": "#num"}, "q": {"$ref": "https://a.example/t"}}, "type": "object"}"##,
            [#"{"p":1,"q":""}"#], not: [#"{"p":""}"#, #"{"q":1}"#]),
        Example(
            #"{"type": "object", "allOf": [{"properties": {"a": {}}}], "properties": {"b": {}}, "unevaluatedProperties": false}"#,
            [#"{"b":1}"#, "{}", #"{"b":1,"a":1}"#], not: [#"{"c":1}"#]),
        Example(#"{"type": ["integer", "null"]}"#, ["1", "null"], not: ["1.5", "true"]),
        Example(
            #"{"type": "object", "not": {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}}"#,
            [#"{"b":"x"}"#, #"{"a":1,"b":1,"c":null,"d":1}"#], not: ["{}", #"{"a":"x"}"#, #"{"b":1}"#]),
        Example(
            #"{"properties": {"xa": {}}, "type": "object", "not": {"patternProperties": {"^x": {"type": "integer"}}}}"#,
            [#"{"xa":""}"#, #"{"xa":1,"xb":""}"#, #"{"b":1,"xb":""}"#], not: ["{}", #"{"b":""}"#, #"{"xa":1,"xb":1}"#]),
        Example(
            #"{"oneOf": [{"type": "object", "properties": {"a": {}}, "additionalProperties": false}, {"type": "object", "properties": {"b": {}}, "additionalProperties": false}]}"#,
            [#"{"a":1}"#, #"{"b":1}"#], not: ["{}", #"{"a":1,"b":1}"#]),
        Example(#"{"type": "number", "not": {"type": "integer"}}"#, ["0.5", "-1.25"], not: ["1", "1.0", "-3"]),
    ]

    @Test(arguments: examples)
    func valuesAreAcceptedOrRefusedAsTheSchemaSays(example: Example) throws {
        let grammar = try Grammar.schema(example.schema)
        #expect((example.accepted + example.refused).filter { grammar.matches($0) } == example.accepted)
    }

    @Test func closedObjectsHaveNoOtherMembers() throws {
        let text = #"{"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}}"#
        let (open, closed) = (try Grammar.schema(text), try Grammar.schema(text, closed: true))
        #expect(open.matches(#"{"a":{"b":1,"c":1},"d":1}"#))
        #expect(closed.matches(#"{"a":{"b":1}}"#))
        #expect(!closed.matches(#"{"a":{"b":1},"d":1}"#))
        #expect(!closed.matches(#"{"a":{"b":1,"c":1}}"#))
    }

    @Test func manyValuesAndMembersAreAllPossible() throws {
        let values = (0..<3000).map { JSON.string("value \($0)") }
        let members = (0..<450).map { ("p\($0)", JSON.object(JSON.Object([("type", "integer")]))) }
        let grammar = try Grammar(
            .jsonSchema([
                "anyOf": [["enum": .array(values)], ["properties": .object(JSON.Object(members)), "type": "object"]]
            ]))
        for index in [0, 1, 700, 1999, 2999] { #expect(grammar.matches("\"value \(index)\"")) }
        for index in [0, 1, 400, 449] {
            #expect(grammar.matches("{\"p\(index)\":1}"))
            #expect(!grammar.matches("{\"p\(index)\":\"\"}"))
        }
        #expect(grammar.matches("{\"p1\":1,\"p440\":2,\"q\":null}"))
        #expect(!grammar.matches("\"value 3000\""))
    }

    @Test func anObjectIsAnyObject() throws {
        let grammar = try Grammar(.jsonObject)
        for text in ["{}", #"{"a":{"b":[1, 2.5, "x", null, true]}}"#] { #expect(grammar.matches(text)) }
        for text in ["[]", "1", "{} ", "", #"{"a"}"#, "{,}"] { #expect(!grammar.matches(text)) }
    }

    @Test func whatCannotBeHeldToIsNamed() throws {
        let cases: [(String, keyword: String, path: String)] = [
            (
                #"{"properties": {"a/b": {"type": "array", "uniqueItems": true}}}"#, "uniqueItems",
                "/properties/a~1b/uniqueItems"
            ),
            (##"{"$dynamicRef": "#x"}"##, "$dynamicRef", "/$dynamicRef"),
            (#"{"items": {"$ref": "https://example.com/other"}}"#, "$ref", "/items/$ref"),
            (#"{"pattern": "(?=a)b"}"#, "pattern", "/pattern"),
            (#"{"pattern": "(a)\\1"}"#, "pattern", "/pattern"),
            (#"{"contains": {"const": 1}, "maxContains": 2}"#, "maxContains", "/maxContains"),
            (#"{"not": {"multipleOf": 3}}"#, "multipleOf", "/not/multipleOf"),
            (
                #"{"type": "object", "oneOf": [{"propertyNames": {"maxLength": 3}}, {"required": ["b"]}]}"#,
                "oneOf", "/oneOf"
            ),
        ]
        for (schema, keyword, path) in cases {
            let error = try #require(try schemaFailure(schema), "\(schema)")
            #expect(error.keyword == keyword)
            #expect(error.path == path, "\(error)")
            #expect(error.description.contains("'\(keyword)'") && error.description.contains("#\(path)"))
        }
    }

    @Test func schemasThatAreNoneAreRefusedWithTheirPlace() throws {
        let cases: [(String, String)] = [
            (#"{"properties": {"a": 1}}"#, "/properties"), (#"{"type": "text"}"#, "/type"),
            (#"{"items": {"minLength": -1}}"#, "/items/minLength"), (#"{"required": "a"}"#, "/required"),
            (#"{"anyOf": []}"#, "/anyOf"), (##"{"$ref": "#"}"##, ""), (#"{"multipleOf": 0}"#, "/multipleOf"),
        ]
        for (schema, path) in cases {
            guard case .invalidSchema(let place, _)? = try schemaFailure(schema) else {
                Issue.record("\(schema)")
                continue
            }
            #expect(place == path)
        }
        for schema in [
            "false", #"{"type": "integer", "minimum": 2, "maximum": 1}"#, #"{"enum": []}"#,
            #"{"allOf": [{"type": "null"}, {"type": "string"}]}"#,
        ] {
            guard case .unsatisfiable? = try schemaFailure(schema) else {
                Issue.record("\(schema) is satisfiable")
                continue
            }
        }
    }

    @Test func membersAreWrittenAsElements() throws {
        func elements(_ schema: String) throws -> Grammar {
            try Grammar(
                .sequence([
                    .elements(JSON(parsing: schema), SchemaOptions(closesObjects: true), .sample), .text("!"),
                ]))
        }
        let grammar = try elements(
            #"""
            {"type":"object","required":["city","days"],"properties":{
              "city":{"type":"string","minLength":2},"unit":{"enum":["C","F",null]},
              "days":{"anyOf":[{"type":"integer","minimum":1},{"const":"all"}]},
              "where":{"$ref":"#/$defs/place"}},
             "$defs":{"place":{"type":"object","properties":{"x":{"type":"number"}},"additionalProperties":false}}}
            """#)
        for text in [
            #"<p n="city" s>Ulm</p>;<p n="days" v>3</p>;!"#, #"<p n="city" s>a < b</q></p>;<p n="days" s>all</p>;!"#,
            #"<p n="city" s>"{\n</p>;<p n="unit" s>C</p>;<p n="days" v>3</p>;<p n="where" v>{"x": 1.5}</p>;!"#,
            #"<p n="city" s></</p>;<p n="unit" v>null</p>;<p n="days" v>12</p>;!"#,
        ] { #expect(grammar.matches(text), "\(text)") }
        for text in [
            "!", #"<p n="city" s>U</p>;<p n="days" v>3</p>;!"#, #"<p n="city" v>"Ulm"</p>;<p n="days" v>3</p>;!"#,
            #"<p n="city" s>Ulm</p>;<p n="days" v>0</p>;!"#, #"<p n="city" s>Ulm</p>;<p n="days" v>"all"</p>;!"#,
            #"<p n="days" v>3</p>;<p n="city" s>Ulm</p>;!"#,
            #"<p n="city" s>Ulm</p>;<p n="days" v>3</p>;<p n="q" v>3</p>;!"#,
            #"<p n="city" s>Ulm</p>;<p n="unit" s>null</p>;<p n="days" v>3</p>;!"#,
            #"<p n="city" s>Ulm</p>;<p n="unit" s></p>;<p n="days" v>3</p>;!"#,
            #"<p n="city" s>Ulm</p></p>;<p n="days" v>3</p>;!"#, #"<p n="city" s>Ulm</p>;!"#,
        ] { #expect(!grammar.matches(text), "\(text)") }

        // No value has the closing in it: texts cannot, JSON writes a character of it as an escape.
        let free = try elements(#"{"type":"object","properties":{"a":true},"required":["a"]}"#)
        for text in [#"["p/"]"#, #"{"p":"</p>"}"#, #""</p>""#] {
            #expect(!free.matches(#"<p n="a" v>\#(text)</p>;!"#))
            let isString = text.first == "\""
            #expect(free.matches(#"<p n="a" v>\#(text.replacing("p", with: "\\u0070"))</p>;!"#) != isString)
        }
        #expect(free.matches(#"<p n="a" s>"p" and </q></p>;!"#) && !free.matches(#"<p n="a" s>a</p>b</p>;!"#))
        let values = try elements(
            #"{"type":"object","required":["a"],"properties":{"a":{"enum":["p","</p>",["</p>"],{"p":1.0}]}}}"#)
        for text in [#"s>p"#, #"v>["</\u0070>"]"#, #"v>{"\u0070":1}"#] {
            #expect(values.matches(#"<p n="a" \#(text)</p>;!"#), "\(text)")
        }
        for text in [#"s></p>"#, #"v>["</p>"]"#, #"v>{"p":1}"#, #"v>"p""#] {
            #expect(!values.matches(#"<p n="a" \#(text)</p>;!"#), "\(text)")
        }
        // Lengths.
        let short = try elements(
            #"""
            {"type":"object","properties":{"a":{"type":"string","minLength":1,"maxLength":3},"b":{"maxLength":2000},
             "c":{"type":"string","maxLength":0},"d":{"type":"string","minLength":2,"maxLength":1}}}
            """#)
        for (name, text, isMatch) in [
            ("a", "", false), ("a", "abc", true), ("a", "日本語", true), ("a", "abcd", false), ("a", "</", true),
            ("a", "p", false), ("b", String(repeating: "a", count: 2000), true),
            ("b", String(repeating: "a", count: 2001), false), ("c", "", true), ("c", "a", false), ("d", "a", false),
            ("d", "ab", false),
        ] { #expect(short.matches(#"<p n="\#(name)" s>\#(text)</p>;!"#) == isMatch, "\(name): \(text)") }

        // Members that have no names in the schema.
        let open = try elements(
            #"{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":["string","integer"]}}"#
        )
        for text in [
            "!", #"<p n="a" v>null</p>;!"#, #"<p n="b" s>1</p>;<p n="" v>1</p>;!"#,
            #"<p n="a" v>null</p>;<p n="aa" v>1</p>;!"#,
        ] { #expect(open.matches(text), "\(text)") }
        for text in [
            #"<p n="a" v>1</p>;!"#, #"<p n="b" v>null</p>;!"#, #"<p n="b" v>1</p>;<p n="a" v>null</p>;!"#,
            #"<p n="b>" v>1</p>;!"#,
        ] { #expect(!open.matches(text), "\(text)") }
        #expect(try elements(#"{"type":"object","properties":{}}"#).matches("!"))
        #expect(try elements(#"{"type":"object","properties":{"a":true}}"#).matches(#"<p n="b" v>1</p>;!"#) == false)

        for schema in [
            #"{"properties":{"a\"b":true}}"#, #"{"properties":{"a\"\u0301":true}}"#, #"{"properties":{"a>":true}}"#,
            #"{"required":["a>"]}"#, #"{"minProperties":1,"properties":{"a":true}}"#, #"{"const":{"a":1}}"#,
        ] { #expect(throws: GrammarError.self, "\(schema)") { try elements(schema) } }
    }

    /// Elsewhere in the same grammar JSON is written as ever.
    @Test func onlyValuesOfElementsAreEscaped() throws {
        let grammar = try Grammar(
            .sequence([
                .jsonSchema(["type": "string"]), .elements(["type": "object", "required": ["a"]], .init(), .sample),
                .jsonSchema(["type": ["string", "array"]]),
            ]))
        for (inside, isMatch) in [(#"["\u0070"]"#, true), (#"["p"]"#, false)] {
            for after in [#""p""#, #"["p"]"#, #""\u0070""#] {
                #expect(grammar.matches(#""p"<p n="a" v>\#(inside)</p>;\#(after)"#) == isMatch)
            }
        }
    }

    @Test func namesAreStrings() throws {
        let grammar = try Grammar.schema(#"{"type":"object","propertyNames":{"enum":["a",1,null]}}"#)
        #expect(grammar.matches(#"{"a":1}"#) && !grammar.matches(#"{"":1}"#))
        let none = try Grammar.schema(#"{"type":"object","propertyNames":{"minLength":3,"maxLength":2}}"#)
        #expect(none.matches("{}") && !none.matches(#"{"abc":1}"#))
    }
}
