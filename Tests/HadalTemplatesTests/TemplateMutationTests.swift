import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// Damaged templates give text or an error, never a crash or a hang.
@Suite struct TemplateMutationTests {
    /// SplitMix64, so that a failure can be repeated from its seed.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "|", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", ",", ".", ":", "=",
        "~", "%", "*",
        " if ", " else ", " for x in messages ", "{% endfor %}", "{% endif %}", "{% break %}", "{% macro m() %}",
        "{% endmacro %}", "m()",
        "{% set ns = namespace() %}", "ns.x", "messages", "loop.index", "range(99999)", "|tojson", "|map('upper')",
        "[::-1]", " is defined",
        " not in ", "9223372036854775807", "1e400", "\0", "é\u{301}", "😀", "\r\n", "\n", "**", "//", "caller()",
        "raise_exception(1)", "'x' * 99999",
    ]

    /// Small real-world shapes, for where `../shared` is missing.
    private static let seeds = [
        "{%- for message in messages %}\n{{- '<|' + message.role + '|>' }}\n{%- if loop.last and message['content'] is string %}{{ message.content|trim }}{% endif %}{% endfor %}",
        "{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{% set ns = namespace(x='') %}{% for k, v in {'a': 1}.items() %}{% set ns.x = ns.x + f(k) + (v|tojson) %}{% endfor %}{{ ns.x[1:]|upper }}",
        "{%- set system = messages[0]['content'] if messages[0]['role'] == 'system' else '' -%}{{ bos_token }}{% filter indent(2) %}{{ system }}\n{% endfilter %}{% call(x) f() %}{% endcall %}",
    ]

    private func mutated(_ source: [Unicode.Scalar], _ random: inout Random) -> String {
        var scalars = source
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0...scalars.count, using: &random)
            let end = min(scalars.count, position + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: scalars.removeSubrange(position..<end)
            case 1:
                scalars.insert(
                    contentsOf: scalars[position..<end], at: Int.random(in: 0...scalars.count, using: &random))
            case 2: scalars = Array(scalars[..<position])
            default:
                let piece = Self.pieces.randomElement(using: &random) ?? ""
                scalars.replaceSubrange(
                    position..<(Bool.random(using: &random) ? end : position), with: piece.unicodeScalars)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    @Test func mutationsOfRealTemplatesEnd() throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["HADAL_TEST_SEED"] ?? "") ?? 20_250_601
        let rounds = Int(ProcessInfo.processInfo.environment["HADAL_TEST_ROUNDS"] ?? "") ?? 60
        var sources = Self.seeds
        if let folder = SharedData.file("chat-templates/jinja") {
            for url in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).sorted(
                by: { $0.path < $1.path })
            {
                sources.append(try String(contentsOf: url, encoding: .utf8))
            }
        }
        let variables: JSON = [
            "messages": [
                ["role": "system", "content": "S"], ["role": "user", "content": "Hi"],
                [
                    "role": "assistant", "content": "",
                    "tool_calls": [["type": "function", "function": ["name": "f", "arguments": ["a": 1]]]],
                ],
                ["role": "tool", "content": "r"], ["role": "user", "content": [["type": "text", "text": "x"]]],
            ],
            "tools": [
                [
                    "type": "function",
                    "function": [
                        "name": "f", "parameters": ["type": "object", "properties": ["a": ["type": "integer"]]],
                    ],
                ]
            ],
            "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
        ]
        let limits = TemplateLimits(steps: 50_000, outputBytes: 1 << 20)
        for (index, source) in sources.enumerated() {
            let scalars = Array(source.unicodeScalars)
            var random = Random(state: seed &+ UInt64(index))
            for round in 0..<rounds {
                let mutant = mutated(scalars, &random)
                let started = ContinuousClock.now
                if let template = try? ChatTemplate(source: mutant) {
                    _ = try? template.render(variables, limits: limits)
                }
                let time = ContinuousClock.now - started
                #expect(time < .seconds(20), "seed \(seed), template \(index), round \(round)")
            }
        }
    }
}
