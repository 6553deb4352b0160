import HadalJSON

/// Writes an object whose members come in one order: those with names, each required or not, then the others.
///
/// Three rows of states run along the named members: before member `i`, nothing was written yet (`open`), a member was
/// written (`written`), or a comma after it (`next`). Where members are counted, the last two exist for each count.
struct ObjectWriter {
    struct Named {
        var name: String
        var value: NetworkBuilder.RuleID
        var isRequired: Bool
    }

    /// Members with such names; nil: with any.
    typealias Other = (names: ScalarAutomaton?, value: NetworkBuilder.RuleID)

    private typealias State = NetworkBuilder.State

    private let named: [Named]
    private let others: [Other]
    /// One of these must be there; nil where none must.
    private let hits: [Other]?
    private let min: Int
    private let max: Int?
    /// Counts from here on are one; 0 where nothing has to be counted.
    private let countMax: Int

    init(named: [Named], others: [Other], hits: [Other]?, min: Int, max: Int?) {
        self.named = named
        self.others = others
        self.hits = hits
        let isMinMet = named.count(where: \.isRequired) >= min
        let isMaxMet = max.map { others.isEmpty && named.count <= $0 } ?? true
        self.min = isMinMet ? 0 : min
        self.max = isMaxMet ? nil : max
        countMax = Swift.max(self.min, self.max ?? 0)
    }

    /// - Returns: the state after the object; nil where there can be none.
    mutating func write(
        _ from: NetworkBuilder.State, _ builder: inout NetworkBuilder
    ) throws(GrammarError) -> NetworkBuilder.State? {
        guard named.count(where: \.isRequired) <= max ?? .max, min <= max ?? .max else { return nil }
        // All rows, at least; before memory is taken for them.
        guard (named.count + 1) * (countMax + 1) < builder.limits.states else {
            throw .limitExceeded(what: "states", limit: builder.limits.states)
        }
        let places = named.count + 1
        var open: [State] = []
        var written: [[State]] = []
        var next: [[State]] = []
        for _ in 0..<places {
            open.append(try builder.state())
            written.append(try row(&builder))
            next.append(try row(&builder))
        }
        builder.jump(try builder.space(builder.text(from, "{")), to: open[0])
        let close = try builder.state()

        for count in 0...countMax {
            for place in 0..<places { builder.jump(try builder.comma(written[place][count]), to: next[place][count]) }
        }
        for (place, member) in named.enumerated() {
            let key = builder.spelling(of: .string(member.name))
            for count in 0...countMax where canAdd(count) {
                let start = try builder.state()
                builder.jump(next[place][count], to: start)
                if count == 0 { builder.jump(open[place], to: start) }
                let value = try builder.call(builder.colon(builder.text(start, key)), member.value)
                builder.jump(value, to: written[place + 1][after(count)])
            }
            guard !member.isRequired else { continue }
            builder.jump(open[place], to: open[place + 1])
            for count in 0...countMax { builder.jump(next[place][count], to: next[place + 1][count]) }
        }
        for other in others {
            for count in 0...countMax where canAdd(count) {
                let start = try builder.state()
                builder.jump(next[places - 1][count], to: start)
                if count == 0 { builder.jump(open[places - 1], to: start) }
                let value = try member(other, from: start, &builder)
                builder.jump(value, to: written[places - 1][after(count)])
            }
        }
        if let hits {
            let found = try builder.state()
            for hit in hits {
                let start = try builder.state()
                builder.jump(next[places - 1][0], to: start)
                builder.jump(open[places - 1], to: start)
                builder.jump(try member(hit, from: start, &builder), to: found)
            }
            let more = try builder.comma(found)
            for other in others { builder.jump(try member(other, from: more, &builder), to: found) }
            builder.jump(try builder.text(builder.space(found), "}"), to: close)
            return close
        }
        // The end, where all that is left may be left out.
        if min == 0 {
            let end = try builder.state()
            builder.jump(open[places - 1], to: end)
            builder.edge(end, UInt8(ascii: "}"), UInt8(ascii: "}"), to: close)
        }
        let end = try builder.state()
        for place in (0..<places).reversed() {
            for count in 0...countMax where count >= min { builder.jump(written[place][count], to: end) }
            if place > 0, named[place - 1].isRequired { break }
        }
        builder.jump(try builder.text(builder.space(end), "}"), to: close)
        return close
    }

    private func member(
        _ other: Other, from: State, _ builder: inout NetworkBuilder
    ) throws(GrammarError) -> State {
        let name: State
        if let names = other.names {
            name = try builder.string(from, in: names)
        } else {
            name = try builder.string(from)
        }
        return try builder.call(builder.colon(name), other.value)
    }

    private func row(_ builder: inout NetworkBuilder) throws(GrammarError) -> [State] {
        var states: [State] = []
        for _ in 0...countMax { states.append(try builder.state()) }
        return states
    }

    private func canAdd(_ count: Int) -> Bool { max.map { count < $0 } ?? true }

    private func after(_ count: Int) -> Int { Swift.min(count + 1, countMax) }
}
