import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// Hostile templates end with an error, soon and without using much.
@Suite struct TemplateLimitsTests {
    /// Small limits, so that debug builds test quickly what the default limits do slowly.
    private let limits = TemplateLimits(steps: 200_000, outputBytes: 1 << 20)

    private func error(of source: String, _ variables: JSON = [:]) -> TemplateError? {
        #expect(throws: TemplateError.self, "\(source.prefix(80))") {
            try ChatTemplate(source: source).render(variables, limits: limits)
        }
    }

    @Test(arguments: [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}", "{{ [0] * 1000000000 }}", "{{ 'x' * 9223372036854775807 * 2 }}",
        "{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s.join([ns.s, ns.s, ns.s]) %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l={}) %}{% for i in range(9999) %}{% set ns.l = {'a': ns.l} %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l]|select %}{% endfor %}",
        "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [[ns.l].index] %}{% endfor %}",
        "{% set ns = namespace(a=1) %}{% set ns.a = ns %}{{ ns }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% macro m(x) %}{{ x(x) }}{% endmacro %}{{ m(m) }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}",
        "{{ range(999999999) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ range(0, 1, 9223372036854775807)|list }}{{ 9223372036854775807 + 1 }}",
        "{{ 2 ** 63 }}", "{{ -9223372036854775807 - 2 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
        "{{ (-9223372036854775807 - 1)|abs }}", "{{ 99999999999999999999 }}", "{{ 10 ** 10 ** 10 }}",
        "{{ '%999999999d' % 1 }}", "{{ '{:999999999}'.format(1) }}", "{{ '{:.999999999f}'.format(1.5) }}",
        "{{ '{:99999999999999999999}'.format(1) }}", "{{ '%.999999999f' % 1.5 }}",
        "{{ 'x'.center(999999999) }}", "{{ 'x'.ljust(9223372036854775807) }}", "{{ 'x'.zfill(999999999) }}",
        "{{ 'x'|center(999999999) }}", "{{ 'a\nb'|indent(999999999) }}",
        "{{ [1]|tojson(indent=999999999) }}", "{{ [1]|batch(999999999, 0)|list }}", "{{ [1]|slice(999999999)|list }}",
        "{{ [1]|batch(0)|list }}", "{{ [1]|slice(0)|list }}",
        "{{ 1.5|round(999999999) }}", "{{ 'x'|truncate(-5) }}", "{{ 5 is divisibleby 0 }}", "{{ 1e308 * 10 % 0 }}",
        "{{ [1, 2][::0] }}",
        "{% for i in range(99999) %}{% macro m() %}{% endmacro %}{% endfor %}",
        "{% for i in range(99999) %}{% set n = namespace() %}{% endfor %}",
    ])
    func aHostileTemplateIsStopped(_ source: String) {
        let started = ContinuousClock.now
        #expect(error(of: source) != nil)
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test(arguments: [
        ("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("{'a': ", "}"), ("[1][", "]"), ("x|default(", ")"),
    ])
    func deepNestingIsRefusedWhenParsing(_ open: String, _ close: String) {
        let count = 50_000
        let source =
            "{{ " + String(repeating: open, count: count) + "1" + String(repeating: close, count: count) + " }}"
        if open == "not " {
            // Any number of `not` is one.
            #expect(throws: Never.self) { try ChatTemplate(source: source).render([:]) }
        } else {
            #expect(error(of: source) != nil)
        }
    }

    @Test func deeplyNestedBlocksAreRefused() {
        let source = String(repeating: "{% if 1 %}", count: 5000) + String(repeating: "{% endif %}", count: 5000)
        #expect(error(of: source) == .limitExceeded(line: 1, what: "nested levels", limit: 100))
    }

    @Test(arguments: ["1 + ", "1 ~ ", "1 and ", "1 or ", "1 < ", "1 if 1 else ", "1 * "])
    func longChainsOfOperatorsNeedNoStack(_ link: String) {
        let source = "{{ " + String(repeating: link, count: 20_000) + "1 }}"
        #expect(throws: Never.self) { try ChatTemplate(source: source).render([:]) }
    }

    @Test(arguments: ["|string", ".x", "[0]", "()", " is defined"])
    func longChainsAfterAValueNeedNoStack(_ link: String) {
        let source = "{{ x" + String(repeating: link, count: 20_000) + " }}"
        _ = try? ChatTemplate(source: source).render(["x": "y"])
    }

    @Test func aDocumentThatNestsTooDeepIsRefused() {
        var json = JSON.array([])
        for _ in 0..<5000 { json = .array([json]) }
        #expect(error(of: "{{ x }}", ["x": json]) == .limitExceeded(line: 1, what: "nested containers", limit: 200))
        // Freed by hand: a deep enum would be freed by recursion.
        while case .array(let elements) = json, let first = elements.first { json = first }
    }

    @Test func searchingIsLinear() throws {
        let text = String(repeating: "a", count: 400_000)
        let source =
            "{{ (t ~ 'b').find(t ~ 'c') }} {{ t.count('a' * 9999 ~ 'b') }} {{ t.strip('a')|length }} {{ t.split('aaab')|length }}"
        let started = ContinuousClock.now
        #expect(try ChatTemplate(source: source).render(["t": .string(text)]) == "-1 0 0 1")
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test func theLimitAndTheLineAreNamed() {
        #expect(
            error(of: "a\n{% for i in range(99999) %}\n  {% for j in range(99999) %}{% endfor %}\n{% endfor %}")
                == .limitExceeded(line: 3, what: "steps", limit: 200_000))
        #expect(
            error(of: "\n\n{{ 'x' * 2000000 }}") == .limitExceeded(line: 3, what: "bytes in a string", limit: 1 << 20))
        #expect(error(of: "\n{{ missing.x }}") == .rendering(line: 2, problem: "'missing' is undefined"))
        #expect(error(of: "\n\n{% if %}") == .syntax(line: 3, problem: "expected an expression, found '%}'"))
        #expect(error(of: "{#\n\n#}{{ raise_exception('no ' ~ 1) }}") == .refused(line: 3, message: "no 1"))
        #expect(
            error(of: "{{ messages[0].content.foo.bar }}", ["messages": [["content": "x"]]])?.description
                == "chat template, line 1: 'str object' has no attribute 'foo'")
    }

    /// A thousand turns with tools through a template that is quadratic in them.
    @Test(.enabled(if: ReferenceTemplatesTests.isHere, "needs ../shared/data"))
    func aLongConversationStaysWithinTheDefaultLimits() throws {
        let call: JSON = ["function": ["name": "f", "arguments": ["x": 1]]]
        var messages: [JSON] = []
        for _ in 0..<250 {
            messages.append(["role": "user", "content": .string(String(repeating: "question ", count: 50))])
            messages.append(["role": "assistant", "content": "", "tool_calls": [call]])
            messages.append(["role": "tool", "content": "result"])
            messages.append(["role": "assistant", "content": "answer"])
        }
        let template = try ChatTemplate(source: try ReferenceTemplatesTests.source(of: "deepseek-ai-DeepSeek-V3.2"))
        let text = try template.render([
            "messages": .array(messages), "bos_token": "", "add_generation_prompt": true, "tools": [call],
        ])
        #expect(text.utf8.count > 100_000)
    }
}
