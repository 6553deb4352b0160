/// Who served which beginning last. Full, it forgets what was not used for longest.
struct PrefixTable {
    private struct Entry {
        /// Who; a number that no other member ever has, so that one that came back with an empty cache is not meant.
        var holder: Int
        /// Neighbours in the order of use, by place; -1 at the ends.
        var newer = -1
        var older = -1
        let prefix: PrefixDigest
    }

    var capacity: Int
    private var places: [PrefixDigest: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var newest = -1
    private var oldest = -1

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { places.count }

    func holder(of prefix: PrefixDigest) -> Int? { places[prefix].map { entries[$0].holder } }

    mutating func remember(_ prefix: PrefixDigest, _ holder: Int) {
        if let place = places[prefix] {
            entries[place].holder = holder
            unlink(place)
            link(place)
            return
        }
        while count >= max(capacity, 1), oldest >= 0 { forget(oldest) }
        let entry = Entry(holder: holder, prefix: prefix)
        let place = free.popLast() ?? entries.count
        if place == entries.count { entries.append(entry) } else { entries[place] = entry }
        places[prefix] = place
        link(place)
    }

    private mutating func forget(_ place: Int) {
        unlink(place)
        places[entries[place].prefix] = nil
        free.append(place)
    }

    private mutating func link(_ place: Int) {
        entries[place].older = newest
        entries[place].newer = -1
        if newest >= 0 { entries[newest].newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
