import Crypto
import HadalEngine
import TestSupport
import Testing

@Suite struct BlockPoolTests {
    private func tokens(_ first: Int32) -> PrefixTree.Tokens { PrefixTree.Tokens(repeating: first) }

    private func take(_ count: Int, _ pool: inout BlockPool) throws -> [Int32] {
        let blocks = pool.allocate(count)
        return try #require(blocks)
    }

    private func find(_ pool: inout BlockPool, after parent: PrefixTree.Parent, _ tokens: PrefixTree.Tokens) -> Int32? {
        pool.share(after: parent, tokens)
    }

    @Test func whatEndsIsFoundAgain() throws {
        var pool = BlockPool(total: 4)
        let blocks = try take(3, &pool)
        pool.keep(blocks[0], after: .start(salt: ""), tokens(1))
        pool.keep(blocks[1], after: .block(blocks[0]), tokens(2))
        #expect(pool.used == 3)
        pool.release(blocks)
        // The third was never put in the tree.
        #expect(pool.kept == 2 && pool.free == 2 && pool.available == 4 && pool.used == 0)
        #expect(find(&pool, after: .start(salt: ""), tokens(2)) == nil)
        #expect(find(&pool, after: .start(salt: ""), tokens(1)) == blocks[0])
        #expect(find(&pool, after: .block(blocks[0]), tokens(2)) == blocks[1])
        #expect(pool.used == 2 && pool.kept == 0)
    }

    @Test func saltsShareNothing() throws {
        var pool = BlockPool(total: 4)
        let blocks = try take(1, &pool)
        pool.keep(blocks[0], after: .start(salt: "a"), tokens(1))
        #expect(find(&pool, after: .start(salt: "b"), tokens(1)) == nil)
        #expect(find(&pool, after: .start(salt: "a"), tokens(1)) == blocks[0])
    }

    @Test func theLeastRecentlyUsedGoFirstAndLeavesBeforeTheirParents() throws {
        var pool = BlockPool(total: 4)
        func text(_ salt: String) throws -> [Int32] {
            let blocks = try take(2, &pool)
            pool.keep(blocks[0], after: .start(salt: salt), tokens(1))
            pool.keep(blocks[1], after: .block(blocks[0]), tokens(2))
            pool.release(blocks)
            return blocks
        }
        let first = try text("a")
        let second = try text("b")
        // Used again, the first is the more recent.
        #expect(find(&pool, after: .start(salt: "a"), tokens(1)) == first[0])
        pool.release([first[0]])
        #expect(try take(1, &pool) == [first[1]])
        #expect(try take(2, &pool) == [second[0], second[1]])
        #expect(find(&pool, after: .start(salt: "b"), tokens(1)) == nil)
        #expect(pool.evictions == 3)
        let refused = pool.allocate(2)
        #expect(refused == nil)
        // A refusal takes nothing.
        #expect(pool.available == 1 && pool.kept == 1)
    }

    @Test func digestsFollowTheTextAndTheSalt() throws {
        func digests(
            _ identity: UInt8, _ salt: String, _ texts: [Int32], key: PrefixKey? = nil
        ) throws -> [PrefixDigest] {
            var pool = BlockPool(total: 8, naming: PrefixNaming(identity: [identity], key: key))
            let blocks = try take(texts.count, &pool)
            var parent = PrefixTree.Parent.start(salt: salt)
            for (block, text) in zip(blocks, texts) {
                #expect(pool.digest(after: parent, tokens(text)) != nil)
                pool.keep(block, after: parent, tokens(text))
                parent = .block(block)
            }
            pool.release(blocks)
            return pool.keptDigests.sorted { $0.block < $1.block }.map(\.digest)
        }
        let plain = try digests(0, "", [1, 2, 3])
        #expect(try digests(0, "", [1, 2, 3]) == plain)
        #expect(try digests(0, "", [1, 2, 4]).prefix(2) == plain.prefix(2))
        let keys = [1, 2].map { PrefixKey(SymmetricKey(data: [UInt8](repeating: $0, count: 32))) }
        let keyed = try keys.flatMap { try digests(0, "", [1, 2, 3], key: $0) }
        #expect(try digests(0, "", [1, 2, 4], key: keys[0]).prefix(2) == keyed.prefix(2))
        let others = try digests(0, "", [9, 2, 3]) + digests(0, "a", [1, 2, 3]) + digests(1, "", [1, 2, 3])
        #expect(Set(others + plain + keyed).count == 18)
        #expect(plain.allSatisfy { digest in digest.bytes.withUnsafeBytes { PrefixDigest($0) } == digest })
    }

    /// Requests come, share, grow and go at random; a model that keeps whole texts says what must be found.
    @Test(arguments: 0..<8 as Range<UInt64>) func nothingLeaksWhateverHappens(seed: UInt64) throws {
        struct Request {
            var salt: String
            var text: [Int32]
            var blocks: [Int32]
        }
        var random = SplitMix(state: seed)
        let total = 24
        var pool = BlockPool(total: total)
        var requests: [Request] = []
        // What each block holds, by the block: the salt and the tokens up to its end.
        var contents: [Int32: (salt: String, text: [Int32])] = [:]
        var hits = 0
        for _ in 0..<4000 {
            if Bool.random(using: &random), requests.count < 6 {
                let text = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    Int32.random(in: 0..<3, using: &random)
                }
                var request = Request(salt: Bool.random(using: &random) ? "a" : "b", text: text, blocks: [])
                var parent = PrefixTree.Parent.start(salt: request.salt)
                while request.blocks.count < text.count {
                    let place = request.blocks.count
                    guard let block = pool.share(after: parent, tokens(text[place])) else { break }
                    let content = try #require(contents[block])
                    #expect(content.salt == request.salt && content.text == Array(text[...place]), "seed \(seed)")
                    request.blocks.append(block)
                    parent = .block(block)
                    hits += 1
                }
                guard let fresh = pool.allocate(text.count - request.blocks.count) else {
                    pool.release(request.blocks)
                    continue
                }
                let inUse = Set(requests.flatMap(\.blocks))
                for block in fresh {
                    #expect(!inUse.contains(block), "seed \(seed)")
                    let place = request.blocks.count
                    request.blocks.append(block)
                    // Some requests end before their last block is full.
                    if place == text.count - 1, Int.random(in: 0..<4, using: &random) == 0 { continue }
                    pool.keep(block, after: parent, tokens(text[place]))
                    contents[block] = (request.salt, Array(text[...place]))
                    parent = .block(block)
                }
                requests.append(request)
            } else if let index = requests.indices.randomElement(using: &random) {
                pool.release(requests.remove(at: index).blocks)
            }
            let used = Set(requests.flatMap(\.blocks))
            #expect(pool.used == used.count, "seed \(seed)")
            #expect(pool.free + pool.kept + pool.used == total, "seed \(seed)")
        }
        #expect(hits > 500 && pool.evictions > 100)
        for request in requests { pool.release(request.blocks) }
        #expect(pool.available == total)
        // Everything can be given away, and nothing is left in the tree then.
        #expect(try take(total, &pool).count == total)
        #expect(find(&pool, after: .start(salt: "a"), tokens(0)) == nil)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func recencyIsTheOrderOfPuttingIn(seed: UInt64) {
        var random = SplitMix(state: seed)
        var list = RecencyList(limit: 20)
        var expected: [Int32] = []
        for _ in 0..<2000 {
            let number = Int32.random(in: 0..<20, using: &random)
            if list.contains(number) {
                list.remove(number)
                expected.removeAll { $0 == number }
            } else {
                list.append(number)
                expected.append(number)
            }
            #expect(list.elements == expected)
            #expect(list.first == expected.first && list.count == expected.count)
        }
    }
}
