import Foundation
import HadalJSON

/// What came of a suite.
public struct EvalResult: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var answer: String
        /// Empty: passed.
        public var problems: [String]
        /// Questions that nobody judged.
        public var open: [String] = []
        public var seconds = 0.0
        public var tokens = 0
        /// Of a classification: what it is, and what the answer says.
        public var label: String?
        public var found: String?

        public var hasPassed: Bool { problems.isEmpty }

        init(answer: String, problems: [String]) { (self.answer, self.problems) = (answer, problems) }
    }

    public struct Scenario: Sendable, Hashable {
        public var name: String
        public var category: String
        public var language: String
        public var about: String
        public var labels: [String]
        public var items: [Item]

        public var passed: Int { items.count { $0.hasPassed } }
        public var score: Double { items.isEmpty ? 0 : Double(passed) / Double(items.count) }

        init(_ scenario: EvalSuite.Scenario, _ items: [Item]) {
            (name, category, language, about) = (scenario.name, scenario.category, scenario.language, scenario.about)
            labels = scenario.labels
            self.items = items
            guard scenario.isConsistency else { return }
            // Those that differ from what most say.
            let said = items.map { Grader.plain($0.answer) }
            let most = Dictionary(grouping: said) { $0 }.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?
                .key
            for index in items.indices where said[index] != most {
                self.items[index].problems.append("is not what the same question gets in other words")
            }
        }

        /// How often what (row) was said to be what (column); the last column is none of the labels.
        public var confusion: [[Int]] {
            labels.map { label in
                (labels + ["none"]).map { found in items.count { $0.label == label && ($0.found ?? "none") == found } }
            }
        }

        /// Mean of the labels' F1 scores; nil: no classification.
        public var macroF1: Double? {
            guard !labels.isEmpty else { return nil }
            let matrix = confusion
            let scores = labels.indices.map { index -> Double in
                let hits = Double(matrix[index][index])
                let said = Double(matrix.reduce(0) { $0 + $1[index] })
                let are = Double(matrix[index].reduce(0, +))
                return said + are == 0 ? 0 : 2 * hits / (said + are)
            }
            return scores.reduce(0, +) / Double(scores.count)
        }
    }

    public var suite: String
    public var model: String
    public var started: Date
    public var seconds: Double
    public var scenarios: [Scenario]

    public var items: Int { scenarios.reduce(0) { $0 + $1.items.count } }
    public var passed: Int { scenarios.reduce(0) { $0 + $1.passed } }
    public var score: Double { items == 0 ? 0 : Double(passed) / Double(items) }
}
