import HadalJSON
import HadalWire
import Testing

@testable import HadalGateway

/// Which requests have an answer that can be given again, and which of them are the same.
@Suite struct CacheKeyTests {
    private typealias Fixtures = CacheFixtures
    private typealias Change = @Sendable (inout WorkerRequest) -> Void

    @Test(
        arguments: [
            (nil, false, false), (nil, true, true), (0, false, true), (0, true, true), (0.01, false, false),
            (0.01, true, true), (1, false, false), (1, true, true),
        ] as [(Double?, Bool, Bool)])
    func onlyAnswersThatChanceHasNoPartInAreGivenAgain(_ temperature: Double?, hasOwnSeed: Bool, isKept: Bool) {
        let change: Change = {
            $0.sampling.temperature = temperature
            $0.sampling.seed = 5
        }
        #expect((Fixtures.key("a", hasOwnSeed: hasOwnSeed, change) != nil) == isKept)
        #expect((Fixtures.similarityKey("a", hasOwnSeed: hasOwnSeed, change) != nil) == isKept)
    }

    @Test func theSeedCountsWhereItDrawsTokens() throws {
        func key(_ temperature: Double?, seed: UInt64) throws -> CacheKey {
            try #require(
                Fixtures.key(hasOwnSeed: true) {
                    $0.sampling.temperature = temperature
                    $0.sampling.seed = seed
                })
        }
        #expect(try key(0, seed: 1) == key(0, seed: 2))
        for temperature in [0.7, nil] {
            #expect(try key(temperature, seed: 1) == key(temperature, seed: 1))
            #expect(try key(temperature, seed: 1) != key(temperature, seed: 2))
        }
    }

    @Test func whatDoesNotChangeAnAnswerDoesNotChangeItsKey() throws {
        let changes: [Change] = [
            { $0.id = "chat-2" }, { $0.tenant = "red" }, { $0.priority = -100 }, { $0.startSeconds = 9 },
        ]
        for (index, change) in changes.enumerated() {
            #expect(Fixtures.key("a", change) == Fixtures.key("a"), "\(index)")
            #expect(Fixtures.similarityKey("a", change)?.group == Fixtures.similarityKey("b")?.group)
        }
    }

    /// Every member of a request but those above.
    private static let changes: [Change] = [
        { $0.prompt = .plain(.text("Where is the cat?")) }, { $0.prompt = .plain(.text("Where")) },
        { $0.prompt = .plain(.tokens([1, 2])) }, { $0.prompt = .infill(before: "a", after: "b") },
        { $0.prompt = .infill(before: "ab", after: "") },
        { $0.prompt = .messages([["role": "user", "content": "Where is the cat?"]], variables: Fixtures.variables) },
        { $0.prompt = .messages([["role": "user", "content": "Where is the cat?"]], variables: JSON.Object()) },
        {
            $0.prompt = .messages(
                [["role": "user", "content": "Where is the cat?", "name": "a"]], variables: JSON.Object())
        },
        { $0.sampling.topP = 0.9 }, { $0.sampling.topK = 3 }, { $0.sampling.minP = 0.1 },
        { $0.sampling.typicalP = 0.9 }, { $0.sampling.repetitionPenalty = 1.1 },
        { $0.sampling.frequencyPenalty = 0.5 }, { $0.sampling.presencePenalty = 0.5 },
        { $0.sampling.logitBias = [1: 5] }, { $0.sampling.logitBias = [2: 5] }, { $0.stop.texts = ["."] },
        { $0.stop.texts = [] }, { $0.stop.tokens = [3] }, { $0.stop.ignoresEndOfText = true },
        { $0.maximumTokens = 5 }, { $0.maximumTokens = 6 }, { $0.topLogProbabilities = 0 },
        { $0.topLogProbabilities = 2 }, { $0.continuesLast = true }, { $0.tools.choice = .none },
        { $0.tools.isParallel = false }, { $0.tools.definitions = [["type": "function", "function": ["name": "f"]]] },
        { $0.constraint = OutputConstraint(.jsonObject, field: "response_format") },
        { $0.constraint = OutputConstraint(.regex("a+"), field: "guided_regex") }, { $0.generated = [7] },
    ]

    @Test func everythingElseOfARequestChangesItsKey() throws {
        // Fails where a request has a member that is told of here nowhere.
        let members = Mirror(reflecting: Fixtures.request()).children.compactMap(\.label)
        #expect(
            Set(members) == [
                "id", "prompt", "sampling", "stop", "maximumTokens", "topLogProbabilities", "tools", "continuesLast",
                "constraint", "tenant", "priority", "startSeconds", "generated",
            ])
        let keys =
            try [Fixtures.key()].map { try #require($0) }
            + Self.changes.map { try #require(Fixtures.key("Where is the cat?", $0)) }
        #expect(Set(keys).count == keys.count)
        let groups = Self.changes.compactMap { Fixtures.similarityKey("Where is the cat?", $0)?.group }
        #expect(groups.count > 20)
        #expect(Set(groups).count == groups.count)
    }

    @Test func tenantsAndModelsAreApart() throws {
        let request = Fixtures.request()
        let models = [
            Fixtures.identity("sha-1"), Fixtures.identity("sha-2"), Fixtures.identity("sha-1", served: "other"),
            Fixtures.identity("sha-1", fingerprint: "fp2"), Fixtures.identity("sha-1", contextLength: 65),
        ].compactMap(\.self)
        var keys: Set<CacheKey> = []
        for model in models {
            for tenant in ["default", "red", ""] {
                keys.insert(try #require(CacheKey(request, model, tenant: tenant, hasOwnSeed: false)))
            }
        }
        #expect(keys.count == 15)
        #expect(Fixtures.identity(nil) == nil, "the fingerprint alone does not tell two models apart")
    }

    @Test func similarRequestsDifferInTheLastMessagesWordsAlone() throws {
        let cat = try #require(Fixtures.similarityKey("Where is the cat?"))
        let dog = try #require(Fixtures.similarityKey("Where is the dog?"))
        #expect(cat.text == "Where is the cat?" && dog.text == "Where is the dog?" && cat.group == dog.group)
        #expect(Fixtures.similarityKey(tenant: "red")?.group != cat.group)
        #expect(Fixtures.similarityKey(embedder: Fixtures.identity("f"))?.group != cat.group)
        let longer = Fixtures.similarityKey {
            $0.prompt = .messages(
                [["role": "system", "content": "Be long."], ["role": "user", "content": "Where is the cat?"]],
                variables: Fixtures.variables)
        }
        #expect(try #require(longer).group != cat.group)
    }

    @Test func whatEndsWithNoQuestionIsSimilarToNothing() {
        let prompts: [WorkerRequest.Prompt] = [
            .plain(.text("Where")), .plain(.tokens([1])), .infill(before: "a", after: "b"),
            .messages([], variables: JSON.Object()),
            .messages([["role": "user", "content": ""]], variables: JSON.Object()),
            .messages(
                [["role": "user", "content": "a"], ["role": "assistant", "content": "b"]], variables: JSON.Object()),
            .messages([["role": "tool", "content": "a"]], variables: JSON.Object()),
        ]
        for prompt in prompts { #expect(Fixtures.similarityKey { $0.prompt = prompt } == nil, "\(prompt)") }
    }
}
