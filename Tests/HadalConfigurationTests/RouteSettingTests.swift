import HadalJSON
import Testing

@testable import HadalConfiguration

@Suite struct RouteSettingTests {
    private static func problems(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try ConfigurationLoader.load(Array(text.utf8), as: "f")
            return []
        } catch {
            return error.problems.map { "\($0.source): \($0.path)" }
        }
    }

    @Test func whatIsWrongIsToldWithItsPlace() {
        let text = """
            models:
              - {name: small, model: guide}
              - {model: ./large.gguf}
            routes:
              - alias: chat
                rules:
                  - name: long
                    when: {prompt_tokens: {above: many}}
                    use: large
                default: nobody
              - alias: loop
                default: loop
            """
        #expect(
            Self.problems(text) == [
                "f:8:32: routes[0].rules[0].when.prompt_tokens.above", "f:10:5: routes[0].default",
                "f:12:5: routes[1].default",
            ])
        #expect(Self.problems("routes: chat\n") == ["f:1:9: routes"])
        #expect(Self.problems("routes:\n  - {alias: chat, defaults: small}\n").contains("f:2:19: routes[0].defaults"))
    }

    @Test func routesAreKeptAsTheyAreWritten() throws {
        let text = """
            models: [{name: small, model: guide}]
            routes: [{alias: chat, default: {targets: [small], timeout: 30s}}]
            """
        let loaded = try ConfigurationLoader.load(Array(text.utf8), as: "f")
        let expected: JSON = [["alias": "chat", "default": ["targets": ["small"], "timeout": "30s"]]]
        #expect(loaded.settings.routes == expected)
        // With the models on the command line, every name is taken until it is known which there are.
        #expect(Self.problems("routes: [{alias: chat, default: anybody}]\n") == [])
    }

    @Test func routesInTheEnvironmentAreYAML() throws {
        let loaded = try ConfigurationLoader.load(environment: ["HADAL_ROUTES": "[{alias: chat, default: small}]"])
        #expect(loaded.settings.routes == [["alias": "chat", "default": "small"]])
    }

    @Test func replicasAreOfWorkersThatAreStartedHere() {
        let text = """
            models:
              - {name: a, worker: 'https://gpu1:7443', replicas: 2}
              - {name: b, model: guide, replicas: 2}
            """
        #expect(Self.problems(text).map { $0.split(separator: " ").last } == ["models[0].replicas"])
    }
}
