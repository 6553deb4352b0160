/// Requests that wait, and which of them is next: the highest priority; then those who were running already and had to
/// make room; then the tenant who was served least; then whoever came first.
package struct RequestQueue<Element> {
    private struct Entry {
        let element: Element
        let tenant: String
        let priority: Int
        let order: Int
        let returns: Bool
    }

    private var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    package var elements: [Element] { entries.map(\.element) }
    /// Whoever was put in first.
    package var first: Element? { entries.first?.element }

    /// - Parameters:
    ///   - order: of arrival.
    ///   - returns: whether the element was running already.
    package mutating func add(_ element: Element, tenant: String, priority: Int, order: Int, returns: Bool = false) {
        entries.append(
            Entry(element: element, tenant: tenant, priority: priority, order: order, returns: returns))
    }

    /// Who is next. Looks at all: O(n) for a queue that is bounded.
    package func next(by ledger: TenantLedger) -> Element? { nextIndex(by: ledger).map { entries[$0].element } }

    package mutating func removeNext(by ledger: TenantLedger) -> Element? {
        nextIndex(by: ledger).map { entries.remove(at: $0).element }
    }

    private func nextIndex(by ledger: TenantLedger) -> Int? {
        var best: (index: Int, rank: (Int, Int, Int, Int))?
        for (index, entry) in entries.enumerated() {
            // Whoever returns was served before all that wait: their order is that of arrival alone.
            let served = entry.returns ? 0 : ledger.served(entry.tenant)
            let rank = (-entry.priority, entry.returns ? 0 : 1, served, entry.order)
            if best.map({ rank < $0.rank }) ?? true { best = (index, rank) }
        }
        return best?.index
    }

    /// Takes out what fulfils a condition, in the order of arrival.
    package mutating func remove(where condition: (Element) -> Bool) -> [Element] {
        entries.takeAll { condition($0.element) }.map(\.element)
    }
}

extension Array {
    /// Takes out what fulfils a condition and gives it back. Asks once for each element: the answer may change while this
    /// runs, as another thread cancels a request, and what is taken out but not given back would keep its blocks for ever.
    mutating func takeAll(where condition: (Element) -> Bool) -> [Element] {
        guard let first = firstIndex(where: condition) else { return [] }
        var (taken, kept) = ([self[first]], self[..<first])
        for element in self[(first + 1)...] {
            if condition(element) { taken.append(element) } else { kept.append(element) }
        }
        self = Array(kept)
        return taken
    }
}
