/// What a balancer knows, and how it chooses.
///
/// Weighted least outstanding tokens, with affinity to who served a prompt's beginning last, as cache-aware routers
/// do (SGLang's keeps a tree of prefixes and leaves it where loads lie too far apart). Affinity ends at a bounded
/// load, a factor of the mean: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam;
/// arXiv:1608.01350).
struct BalancerState {
    struct Entry {
        var member: Member
        /// Which of all members that ever were, see `PrefixTable`.
        let number: Int
        var tokens = 0
        var requests = 0
        /// When all that it got would be done, in tokens by weight: the finish tag of start-time fair queueing
        /// (Goyal, Vin, Cheng 1996).
        var finish = 0.0
        /// Left, but not all of its work is done.
        var isGone = false

        func isFree(_ excluded: Set<String>) -> Bool {
            !isGone && !member.isDraining && !excluded.contains(member.id)
        }

        var isBusy: Bool { member.concurrency.map { requests >= $0 } ?? false }

        var load: Double { Double(tokens) / Double(member.weight) }
    }

    var settings: BalancerSettings
    /// By id.
    private(set) var entries: [Entry] = []
    private var prefixes: PrefixTable
    private var nextNumber = 0
    /// The start tag of what was placed last. Who was away starts from here, without a claim to what it has missed.
    private var virtualTime = 0.0

    init(settings: BalancerSettings) {
        self.settings = settings
        prefixes = PrefixTable(capacity: settings.prefixCapacity)
    }

    var prefixCount: Int { prefixes.count }

    mutating func use(_ settings: BalancerSettings) {
        self.settings = settings
        prefixes.capacity = settings.prefixCapacity
    }

    /// What members have to do stays with them, also with those that leave and those that come back.
    mutating func update(_ members: [Member]) {
        var wanted = Dictionary(members.map { ($0.id, $0) }) { _, last in last }
        var kept: [Entry] = []
        for var entry in entries {
            if let member = wanted[entry.member.id], !entry.isGone {
                wanted[entry.member.id] = nil
                entry.member = member
                kept.append(entry)
            } else if entry.requests > 0 {
                entry.isGone = true
                kept.append(entry)
            }
        }
        for member in wanted.values.sorted(by: { $0.id < $1.id }) {
            kept.append(Entry(member: member, number: nextNumber))
            nextNumber += 1
        }
        entries = kept.sorted { ($0.member.id, $0.number) < ($1.member.id, $1.number) }
    }

    enum Choice {
        /// - matched: tokens of the beginning that it knows.
        case member(id: String, number: Int, matched: Int)
        case refused(PlacementRefusal)
    }

    mutating func place(_ work: Work, excluding excluded: Set<String>) -> Choice {
        let all = entries.indices.filter { entries[$0].isFree(excluded) }
        let first = all.filter { !entries[$0].member.isSetAside }
        let free = first.isEmpty ? all : first
        let able = free.filter { !entries[$0].isBusy }
        guard let least = able.min(by: { comesBefore($0, $1) }) else {
            return .refused(free.isEmpty ? .noMember : .busy)
        }
        let known = knower(work, among: able)
        let index = known?.index ?? least
        let start = max(entries[index].finish, virtualTime)
        virtualTime = start
        entries[index].finish = start + Double(work.tokens) / Double(entries[index].member.weight)
        entries[index].tokens += work.tokens
        entries[index].requests += 1
        let number = entries[index].number
        for prefix in work.prefixes { prefixes.remember(prefix, number) }
        return .member(id: entries[index].member.id, number: number, matched: known?.matched ?? 0)
    }

    /// By load; among equals by whose turn it is, so that weights hold also where one request comes after the other;
    /// then by id.
    private func comesBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (entries[left], entries[right])
        if left.load != right.load { return left.load < right.load }
        let (leftStart, rightStart) = (max(left.finish, virtualTime), max(right.finish, virtualTime))
        if leftStart != rightStart { return leftStart < rightStart }
        return left.member.id < right.member.id
    }

    /// Who knows the longest beginning, and may have more.
    private func knower(_ work: Work, among able: [Int]) -> (index: Int, matched: Int)? {
        guard !work.prefixes.isEmpty else { return nil }
        let tokens = able.reduce(work.tokens) { $0 + entries[$1].tokens }
        let weight = able.reduce(0) { $0 + entries[$1].member.weight }
        for prefix in work.prefixes.reversed() {
            guard let number = prefixes.holder(of: prefix),
                let index = able.first(where: { entries[$0].number == number })
            else { continue }
            let share = Double(tokens) * Double(entries[index].member.weight) / Double(weight)
            let bound = settings.boundFactor * share + Double(settings.boundSlack)
            // Nobody is too loaded who has nothing to do.
            if entries[index].tokens == 0 || Double(entries[index].tokens + work.tokens) <= bound {
                return (index, prefix.tokens)
            }
        }
        return nil
    }

    mutating func giveBack(_ tokens: Int, of number: Int, isLast: Bool) {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return }
        entries[index].tokens -= tokens
        if isLast {
            entries[index].requests -= 1
            if entries[index].isGone, entries[index].requests == 0 { entries.remove(at: index) }
        }
    }
}
