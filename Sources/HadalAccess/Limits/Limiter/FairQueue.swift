/// Who waits, and whose turn it is: tenants take turns by their weights, within a tenant its users alike, and a user's
/// requests come in their order. Who has many waiting gets no more turns by that.
///
/// Turns are those of self-clocked fair queueing (Golestani, INFOCOM 1994): each has a number, the one served last plus
/// `1 / weight`, and the least is served. Who comes anew is behind all who have the same number. Nobody saves up turns by
/// being away, and who cannot be served now for a limit of his own keeps his place at the front.
struct FairQueue<Element: Sendable>: Sendable {
    private struct Turn: Sendable, Comparable {
        var number: Double
        /// Decides between equal numbers: who has waited longer.
        var order: Int

        static func < (left: Turn, right: Turn) -> Bool { (left.number, left.order) < (right.number, right.order) }
    }

    private struct Turns: Sendable {
        private var served = 0.0
        private var order = 0

        mutating func next(weight: Double) -> Turn {
            order += 1
            return Turn(number: served + 1 / weight, order: order)
        }

        mutating func serve(_ turn: Turn) { served = max(served, turn.number) }
    }

    private struct User: Sendable {
        var turn: Turn
        /// In the order of their coming.
        var waiting: [(id: Int, element: Element)] = []
    }

    private struct Tenant: Sendable {
        let weight: Double
        var turn: Turn
        private(set) var users: [String: User] = [:]
        private(set) var count = 0
        private var turns = Turns()

        init(weight: Double, turn: Turn) {
            self.weight = weight
            self.turn = turn
        }

        /// By which it is told who has most waiting.
        var load: Double { Double(count) / weight }

        /// The last request of the user who has most.
        var last: (user: String, id: Int, count: Int)? {
            guard let (name, user) = users.max(by: { $0.value.waiting.count < $1.value.waiting.count }),
                let id = user.waiting.last?.id
            else { return nil }
            return (name, id, user.waiting.count)
        }

        mutating func append(_ element: Element, _ place: Place) {
            if users[place.user] == nil { users[place.user] = User(turn: turns.next(weight: 1)) }
            users[place.user]?.waiting.append((place.id, element))
            count += 1
        }

        mutating func serve(_ name: String) {
            guard let turn = users[name]?.turn else { return }
            turns.serve(turn)
            users[name]?.turn = turns.next(weight: 1)
        }

        mutating func remove(_ place: Place) -> Element? {
            guard let index = users[place.user]?.waiting.firstIndex(where: { $0.id == place.id }) else { return nil }
            let element = users[place.user]?.waiting.remove(at: index).element
            if users[place.user]?.waiting.isEmpty == true { users[place.user] = nil }
            count -= 1
            return element
        }
    }

    /// Where somebody waits.
    struct Place: Sendable, Hashable {
        var id: Int
        var tenant: String
        var user: String
    }

    var limit: Int
    private var turns = Turns()
    private var tenants: [String: Tenant] = [:]
    private var places: [Int: Place] = [:]

    init(limit: Int) { self.limit = limit }

    var count: Int { places.count }

    func contains(_ id: Int) -> Bool { places[id] != nil }

    /// - Returns: false where the queue is full, and another must leave it first.
    mutating func append(_ element: Element, _ place: Place, weight: Double) -> Bool {
        guard count < limit else { return false }
        if tenants[place.tenant] == nil {
            tenants[place.tenant] = Tenant(weight: weight, turn: turns.next(weight: weight))
        }
        tenants[place.tenant]?.append(element, place)
        places[place.id] = place
        return true
    }

    /// Who must leave a full queue so that another can wait: the last of the user who has most waiting, of the tenant
    /// that has most by its weight, or of the newcomer's own. So nobody fills it against others.
    /// - Returns: nil where the newcomer is of those who have most.
    func displaced(by tenantName: String, _ userName: String, weight: Double) -> Place? {
        let own = tenants[tenantName]
        let share = Double((own?.count ?? 0) + 1) / weight
        if let (name, heaviest) = tenants.max(by: { $0.value.load < $1.value.load }), heaviest.load > share,
            name != tenantName
        {
            return heaviest.last.map { Place(id: $0.id, tenant: name, user: $0.user) }
        }
        guard let own, let last = own.last, last.count > (own.users[userName]?.waiting.count ?? 0) + 1 else {
            return nil
        }
        return Place(id: last.id, tenant: tenantName, user: last.user)
    }

    /// Whose turn it is among those whom `fits` lets.
    /// - Complexity: O(count), without allocation.
    func next(where fits: (Element) -> Bool) -> Place? {
        var next: (turn: Turn, place: Place)?
        for (tenantName, tenant) in tenants where next.map({ tenant.turn < $0.turn }) ?? true {
            var own: (turn: Turn, place: Place)?
            for (userName, user) in tenant.users where own.map({ user.turn < $0.turn }) ?? true {
                guard let first = user.waiting.first(where: { fits($0.element) }) else { continue }
                own = (user.turn, Place(id: first.id, tenant: tenantName, user: userName))
            }
            if let own { next = (tenant.turn, own.place) }
        }
        return next?.place
    }

    /// Takes out whom `next` has named: it uses up its tenant's and its user's turn.
    mutating func serve(_ place: Place) -> Element? {
        guard let tenant = tenants[place.tenant] else { return nil }
        turns.serve(tenant.turn)
        tenants[place.tenant]?.turn = turns.next(weight: tenant.weight)
        tenants[place.tenant]?.serve(place.user)
        return remove(place.id)
    }

    /// Takes somebody out who waits no longer.
    mutating func remove(_ id: Int) -> Element? {
        guard let place = places.removeValue(forKey: id) else { return nil }
        let element = tenants[place.tenant]?.remove(place)
        if tenants[place.tenant]?.count == 0 { tenants[place.tenant] = nil }
        if places.isEmpty { turns = Turns() }
        return element
    }
}
