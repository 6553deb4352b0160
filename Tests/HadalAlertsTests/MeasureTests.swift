import Foundation
import HadalJSON
import Testing

@testable import HadalAlerts

/// What lasts until an alert is over: when it begins, and by what it ends.
@Suite struct MeasureTests {
    private struct Play {
        var engine: AlertEngine
        var history = History()
        var step = 0

        init(_ rules: [AlertRule], state: AlertState = AlertState()) throws {
            engine = try AlertEngine(rules: rules, state: state)
        }

        var now: Date { Date(timeIntervalSince1970: History.start + Double(step) * 15) }

        /// One look at a value of the model `a`.
        /// - Returns: what is due, and what is to be taken back.
        mutating func look(_ value: Double) -> (due: [AlertEvent], over: [AlertEvent]) {
            step += 1
            history.add(MetricFrame(time: now, values: [Series("x", ["model": "a"]): value]))
            let due = engine.evaluate(history, now: now).filter { $0.action != nil }
            return (due, engine.endMeasures(now: now))
        }
    }

    private static func rule(_ kind: HealingAction.Kind = .shed, coolDown: Double = 60) -> AlertRule {
        .ofGauge(holds: 0, eases: 0, action: HealingAction(kind, from: .critical, coolDown: coolDown))
    }

    /// Shed, begun.
    private static func begun() throws -> Play {
        var play = try Play([rule()])
        let due = play.look(99).due
        #expect(due.map(\.action) == [.shed] && play.engine.measures.isEmpty)
        let told = play.engine.note(.init(.done, "refused"), of: due[0], now: play.now)
        #expect(told.kind == .acted && told.level == .critical && told.outcome?.text == "refused")
        #expect(play.engine.measures == due && play.engine.state.recent.last == told)
        return play
    }

    @Test func itIsDueOnceAndEndsWithTheLevel() throws {
        var play = try Self.begun()
        for _ in 0..<20 {
            let (due, over) = play.look(99)
            #expect(due.isEmpty && over.isEmpty)
        }
        // Serious still, and the action is for critical.
        let over = play.look(90).over
        #expect(over.map(\.action) == [.shed] && play.engine.measures.isEmpty)
        let told = play.engine.note(.init(.ended, "let in"), of: over[0], now: play.now)
        #expect(told.level == nil && told.previousLevel == .critical && play.engine.measures.isEmpty)
        #expect(AlertMessage([told], source: "s", time: play.now)?.from(.critical) != nil)
        #expect(play.look(99).due.count == 1)
    }

    @Test func aSilenceEndsIt() throws {
        var play = try Self.begun()
        play.engine.add(try Silence(rule: nil, from: play.now, until: play.now + 600, who: "ada", why: "at it"))
        let (due, over) = play.look(99)
        #expect(due.isEmpty && over.count == 1)
    }

    @Test func itEndsWithItsRuleOrAction() throws {
        let state = try Self.begun().engine.state
        for rules in [[], [AlertRule.ofGauge(holds: 0)], [Self.rule(.drain)]] {
            var play = try Play(rules, state: try AlertState(json: state.json()))
            #expect(play.engine.measures.count == 1)
            play.step = 1
            #expect(play.look(99).over.map(\.action) == [.shed])
        }
    }

    @Test func anotherProcessGoesOnWithIt() throws {
        let state = try Self.begun().engine.state
        var play = try Play([Self.rule()], state: try AlertState(json: state.json()))
        play.step = 1
        let (due, over) = play.look(99)
        #expect(due.isEmpty && over.isEmpty && play.engine.measures.count == 1)
        #expect(play.engine.measures(inForceAt: play.now + 299).count == 1)
        // Nobody looks any more.
        #expect(play.engine.measures(inForceAt: play.now + 301).isEmpty)
    }

    /// Nothing lasts that was not begun: it is tried again after the cool-down.
    @Test(arguments: [HealingOutcome.Result.failed, .skipped])
    func whatFailedIsDueAgain(result: HealingOutcome.Result) throws {
        var play = try Play([Self.rule(.drain)])
        let due = play.look(99).due
        _ = play.engine.note(.init(result, "no"), of: due[0], now: play.now)
        #expect(play.engine.measures.isEmpty)
        #expect((0..<4).map { _ in play.look(99).due.count } == [0, 0, 0, 1])
    }

    /// Kept before there were any.
    @Test func anOlderStateIsRead() throws {
        let old = String(decoding: try AlertState().json(), as: UTF8.self)
        #expect(!old.contains("lasting"))
        #expect(try AlertState(json: Data(old.utf8)).measures.isEmpty)
    }
}
