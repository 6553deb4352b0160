import HadalCompute
import HadalEngine
import TestSupport
import Testing

/// Who is computed when, and who has the blocks: the scheduler alone, without a model.
@Suite struct SchedulerTests {
    /// Steps in which every token drawn is the same.
    private struct Run {
        var scheduler: Scheduler
        /// In the order in which they were added.
        var sequences: [Sequence] = []
        var finished: [Int] = []
        let rowsMax: Int

        init(rowsMax: Int = 64, blocks: Int = 64, _ change: (inout EngineOptions) -> Void = { _ in }) {
            var options = EngineOptions()
            change(&options)
            self.rowsMax = rowsMax
            scheduler = Scheduler(rowsMax: rowsMax, blocks: blocks, options: options)
        }

        @discardableResult mutating func add(
            _ prompt: [Int32], _ count: Int, tenant: String = "", priority: Int = 0, deadline: Duration? = nil
        ) -> Sequence {
            let request = GenerationRequest.test(prompt, count) {
                $0.tenant = tenant
                $0.priority = priority
                $0.startDeadline = deadline
            }
            let (_, stream) = AsyncStream<GenerationEvent>.makeStream()
            let sequence = Sequence(request, stream: stream, tokenizer: TinyModel.shared.tokenizer)
            sequences.append(sequence)
            scheduler.add(sequence)
            return sequence
        }

        func number(_ sequence: Sequence) -> Int { sequences.firstIndex { $0 === sequence }! }

        /// The rows of each sequence, by its number.
        @discardableResult mutating func step() -> [Int: Int] {
            let parts = scheduler.schedule()
            check(parts)
            for part in parts {
                part.sequence.computed = part.range.upperBound
                guard part.drawsToken else { continue }
                scheduler.chargeToken(of: part.sequence)
                if part.sequence.take(.init(id: 65), endTokens: []) != nil {
                    scheduler.remove(part.sequence)
                    finished.append(number(part.sequence))
                }
            }
            return Dictionary(uniqueKeysWithValues: parts.map { (number($0.sequence), $0.range.count) })
        }

        /// What holds of every step.
        private func check(_ parts: [Scheduler.Part]) {
            #expect(parts.map(\.range.count).reduce(0, +) <= rowsMax)
            #expect(parts.allSatisfy { $0.range.lowerBound == $0.sequence.computed && !$0.range.isEmpty })
            let used = Set(scheduler.running.flatMap(\.blocks))
            #expect(scheduler.pool.used == used.count)
            #expect(scheduler.running.allSatisfy { $0.blocks.count == $0.blocksNeeded })
            #expect(scheduler.running.allSatisfy { Set($0.blocks).count == $0.blocks.count })
            #expect(scheduler.queue.elements.allSatisfy { $0.blocks.isEmpty && $0.computed == 0 })
            // Nobody writes where another reads, but for a block that both have whole.
            for part in parts {
                for sequence in scheduler.running where sequence !== part.sequence {
                    for index in part.range.lowerBound / 32..<part.sequence.blocks.count {
                        guard let place = sequence.blocks.firstIndex(of: part.sequence.blocks[index]) else { continue }
                        #expect(place == index && index < part.sequence.shared && index < sequence.shared)
                    }
                }
            }
            #expect(!parts.isEmpty || scheduler.isIdle)
        }

        mutating func finish() {
            var steps = 0
            while !scheduler.isIdle {
                step()
                steps += 1
                guard steps < 100_000 else {
                    Issue.record("no end")
                    return
                }
            }
            #expect(scheduler.pool.used == 0)
            #expect(scheduler.ledger.count == 0)
        }
    }

    @Test func decodeRowsComeBesidePiecesOfPrompts() {
        var run = Run { $0.promptRowsBesideDecode = 10 }
        run.add(prompt(5, seed: 1), 50)
        let rows1 = run.step()
        #expect(rows1 == [0: 5])
        run.add(prompt(25, seed: 2), 50)
        let rows2 = run.step()
        #expect(rows2 == [0: 1, 1: 10])
        let rows3 = run.step()
        #expect(rows3 == [0: 1, 1: 10])
        let rows4 = run.step()
        #expect(rows4 == [0: 1, 1: 5])
        let rows5 = run.step()
        #expect(rows5 == [0: 1, 1: 1])
    }

    @Test func whoHasNoRoomWaitsAndNobodyIsLost() {
        var run = Run(blocks: 4)
        for seed in 0..<3 as Range<UInt64> { run.add(prompt(30, seed: seed), 90) }
        run.finish()
        #expect(run.finished == [0, 1, 2])
        #expect(run.scheduler.preemptions > 0)
        #expect(run.sequences.allSatisfy { $0.generated == 90 })
        // The first in rank never had to make room.
        #expect(!run.sequences[0].wasPreempted)
    }

    @Test func aHigherPriorityPushesOthersOut() {
        var run = Run { $0.sequencesMax = 1 }
        run.add(prompt(5, seed: 1), 20)
        run.add(prompt(5, seed: 2), 20)
        run.step()
        let urgent = run.add(prompt(5, seed: 3), 20, priority: 1)
        let rows6 = run.step()
        #expect(rows6 == [2: 5])
        run.add(prompt(5, seed: 4), 20, priority: -1)
        run.finish()
        #expect(run.finished == [2, 0, 1, 3])
        #expect(!urgent.wasPreempted)
        #expect(run.scheduler.preemptions == 1)
    }

    @Test func idleWorkRestsWhileAnybodyElseIsComputed() {
        var run = Run()
        let lowest = GenerationRequest.priorities.lowerBound
        let begun = run.add(prompt(5, seed: 1), 4, priority: lowest)
        let first = run.step()
        #expect(first == [0: 5])
        run.add(prompt(5, seed: 2), 3, priority: lowest + 1)
        run.add(prompt(5, seed: 3), 4, priority: lowest)
        let steps = (0..<3).map { _ in run.step() }
        #expect(steps == [[1: 5], [1: 1], [1: 1]])
        // What it has computed is not computed again.
        let after = run.step()
        #expect(after == [0: 1, 2: 5] && !begun.wasPreempted)
        run.finish()
        #expect(run.finished == [1, 0, 2])
    }

    @Test func tenantsTakeTurns() {
        var run = Run { $0.sequencesMax = 1 }
        for seed in 0..<6 as Range<UInt64> { run.add(prompt(10, seed: seed), 10, tenant: "greedy") }
        for seed in 6..<8 as Range<UInt64> { run.add(prompt(10, seed: seed), 10, tenant: "modest") }
        run.finish()
        #expect(run.finished == [0, 6, 1, 7, 2, 3, 4, 5])
    }

    @Test func aLongPromptLeavesRoomForAnotherTenants() {
        var run = Run(rowsMax: 40)
        run.add(prompt(400, seed: 1), 1, tenant: "long")
        let rows7 = run.step()
        #expect(rows7 == [0: 40])
        run.add(prompt(15, seed: 2), 1, tenant: "short")
        let rows8 = run.step()
        #expect(rows8 == [0: 25, 1: 15])
        #expect(run.finished == [1])
        // Its own come first come, first served.
        run.add(prompt(15, seed: 3), 1, tenant: "long")
        let rows9 = run.step()
        #expect(rows9 == [0: 40])
    }

    @Test func aDeadlineIsForThoseWhoWait() {
        var run = Run(blocks: 4) { $0.sequencesMax = 2 }
        run.add(prompt(30, seed: 1), 90, deadline: .seconds(10))
        run.add(prompt(30, seed: 2), 60, deadline: .seconds(10))
        run.add(prompt(30, seed: 3), 20, deadline: .seconds(10))
        run.add(prompt(30, seed: 4), 20, deadline: .seconds(100))
        run.add(prompt(30, seed: 5), 20)
        while run.scheduler.preemptions == 0 { run.step() }
        let late = run.scheduler.removeExpired(now: .now + .seconds(20))
        // The second waits too, but it had been begun.
        #expect(late.map { run.number($0) } == [2])
        let later = run.scheduler.removeExpired(now: .now + .seconds(20))
        #expect(later.isEmpty)
        run.finish()
        #expect(Set(run.finished) == [0, 1, 3, 4])
    }

    @Test func returningFindsItsBlocksAgain() {
        for reuses in [true, false] {
            var run = Run(blocks: 9) { $0.reusesPrefixes = reuses }
            run.add(prompt(100, seed: 1), 60)
            run.add(prompt(100, seed: 2), 60)
            var rows = 0
            while !run.scheduler.isIdle { rows += run.step().values.reduce(0, +) }
            #expect(run.finished == [0, 1])
            #expect(run.scheduler.preemptions == 1)
            // The second had computed four blocks when it had to make room.
            #expect(rows == 2 * 159 + (reuses ? 0 : 128))
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>) func everybodyFinishesWhateverComes(seed: UInt64) {
        var random = SplitMix(state: seed)
        var run = Run(
            rowsMax: Int.random(in: 4...80, using: &random), blocks: Int.random(in: 8...30, using: &random)
        ) {
            $0.sequencesMax = Int.random(in: 1...12, using: &random)
            $0.promptRowsBesideDecode = Int.random(in: 1...40, using: &random)
            $0.reusesPrefixes = seed % 4 != 0
        }
        var gone: Set<Int> = []
        while run.sequences.count < 120 {
            if Int.random(in: 0..<3, using: &random) == 0 {
                // Texts with few beginnings, so that they share.
                let common = prompt(
                    Int.random(in: 1...120, using: &random), seed: UInt64.random(in: 0..<3, using: &random))
                let own = prompt(
                    Int.random(in: 1...60, using: &random), seed: UInt64.random(in: 0..<50, using: &random))
                run.add(
                    common + own, Int.random(in: 1...70, using: &random),
                    tenant: ["", "a", "b"].randomElement(using: &random)!,
                    priority: Int.random(in: 0..<10, using: &random) == 0 ? 1 : 0)
            }
            if Int.random(in: 0..<40, using: &random) == 0, let victim = run.scheduler.all.randomElement(using: &random)
            {
                victim.cancellation.cancel()
                let removed = run.scheduler.removeCancelled()
                #expect(removed.count == 1 && removed[0] === victim)
                gone.insert(run.number(victim))
            }
            if !run.scheduler.isIdle { run.step() }
        }
        run.finish()
        #expect(Set(run.finished).union(gone) == Set(0..<120), "seed \(seed)")
        #expect(run.finished.count + gone.count == 120)
        for number in run.finished {
            let sequence = run.sequences[number]
            #expect(sequence.generated == sequence.request.maximumTokens)
        }
    }
}
